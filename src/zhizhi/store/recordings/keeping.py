"""A recording goes into the object store, sealed, before the commit that speaks of it."""

import os
from collections.abc import Iterable

from zhizhi.store import objects
from zhizhi.store.ids import ids
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.models import Person
from zhizhi.store.recordings.sealing import Heard, sealed_blocks
from zhizhi.store.transact.live_calls import NewRecording

KIND = "recording"


class PersonErased(Exception):
    """There is no key any more under which a recording of this person could be kept."""


def keep_recording(person_id: int, blocks: Iterable[bytes], seconds: int) -> NewRecording:
    """Seal and store. Refuses: an erased person (`PersonErased`); what the store cannot take is its `OSError`.

    Its name is random: a process that dies before the commit leaves sealed octets that nobody can name.
    """
    wrapped = Person.objects.using("gate").values_list("data_key", flat=True).get(id=person_id)
    if wrapped is None:
        raise PersonErased
    recording_id = ids.take()
    heard = Heard(blocks)
    stored = objects.objects().put(
        f"{KIND}/{os.urandom(16).hex()}", sealed_blocks(person_seal(wrapped), recording_id, heard)
    )
    return NewRecording(recording_id, stored.name, heard.sha256, stored.sha256, heard.bytes, seconds)
