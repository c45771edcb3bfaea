"""What the log says of a recording, and whether what lies in the object store is that recording."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from zhizhi.core.evidence.leaf import Leaf as LeafValue
from zhizhi.core.kernel.text import Text
from zhizhi.store import objects
from zhizhi.store.evidence.models import Checkpoint, Leaf, Salt
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.recordings.erasing import erased_on
from zhizhi.store.recordings.reads import StoredRecording, open_recording


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: `fault` is None where the recording is the one that the log speaks of.

    `position`: where its leaf stands in the log; None while it waits for its number. `is_signed`: a checkpoint covers
    it.
    """

    fault: Text | None
    position: int | None
    is_signed: bool


GONE = Text("录音文件缺失", "the stored recording is missing")
ERASED = Text("录音保存期满，已于 {on} 依法删除", "the recording's time ended; erased on {on}")
ALTERED = Text("录音文件被改动", "the stored recording was altered")
NOT_OPEN = Text(
    "录音无法解开（客户资料已删除，或密钥不符）",
    "the recording does not open: the person was erased, or the key is another",
)
OTHER_SOUND = Text("录音内容与登记的摘要不符", "the recording is not the one that was noted")
NO_LEAF = Text("日志中没有这条录音", "the log has no leaf of this recording")
OTHER_LEAF = Text("登记与日志的承诺不符", "the row is not what the log committed to")


def verify_recording(stored: StoredRecording) -> Verified:
    """Read it again, as it lies and as it sounds, and open the commitments of its leaf with what was read."""
    leaf = (
        Leaf.objects.using("gate")
        .filter(source_person_id=stored.person_id, source_id=stored.recording_id, source_table="recording")
        .first()
    )
    if leaf is None:
        return Verified(NO_LEAF, None, is_signed=False)
    signed = Checkpoint.objects.using("gate").order_by("-size").values_list("size", flat=True).first() or 0
    is_signed = leaf.position is not None and leaf.position < signed
    return Verified(_fault(stored, leaf), leaf.position, is_signed)


def _fault(stored: StoredRecording, leaf: Leaf) -> Text | None:
    gone_on = erased_on(stored.person_id, stored.recording_id)
    if gone_on is not None:
        return ERASED.fill(on=gone_on)
    at_rest = objects.objects().digest(stored.object_name)
    if at_rest is None:
        return GONE
    if at_rest != stored.sealed_sha256:
        return ALTERED
    digest = hashlib.sha256()
    try:
        for block in open_recording(stored):
            digest.update(block)
    except KeyUnavailable:
        return NOT_OPEN
    if digest.hexdigest() != stored.sha256:
        return OTHER_SOUND
    heard = {"sha256": digest.hexdigest(), "sealed_sha256": at_rest}
    told: dict[str, str | int] = {**heard, "object": stored.object_name, "permit": stored.permit_id}
    return None if _opens(leaf, told) else OTHER_LEAF


def _opens(leaf: Leaf, told: Mapping[str, str | int]) -> bool:
    salts = Salt.objects.using("gate").filter(leaf_id=leaf.id).values_list("salts", flat=True).first() or {}
    commits = {commitment.field: commitment for commitment in LeafValue.from_bytes(bytes(leaf.body)).commits}
    return all(
        field in commits and field in salts and commits[field].opens(value, base64.b64decode(salts[field]))
        for field, value in told.items()
    )
