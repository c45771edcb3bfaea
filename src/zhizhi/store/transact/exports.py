"""What leaves the system for a person's eyes or ears leaves a leaf behind."""

from datetime import datetime

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.people.models import Person
from zhizhi.store.recordings.reads import StoredRecording
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


def record_export_of_recording(stored: StoredRecording, by: str, at: datetime) -> None:
    """Write that a recording is given out, before it is."""
    with transaction.atomic(using="gate", durable=True):
        subject = Person.objects.using("gate").values_list("subject", flat=True).get(id=stored.person_id)
        values = {"recording": stored.recording_id, "permit": stored.permit_id, "sha256": stored.sha256, "by": by}
        add_leaves([NewLeaf(LeafKind.EXPORT, at, subject, values, stored.person_id)])
