"""What a settlement rests on, sealed under the person's key and written beside the end of its delivery."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.ids import ids
from zhizhi.store.keyring import Seal
from zhizhi.store.settlements.models import Settlement
from zhizhi.store.transact.person import LockedPerson, NoSuchRow


@dataclass(frozen=True, slots=True)
class Proof:
    """Why somebody may say how a contact ended: a ground in words, and a reference or a file of somebody else's.

    `file_kind` is the ending of the file's name, such as `pdf`; the name itself may say who it is about.
    """

    ground: str
    reference: str = field(default="", repr=False)
    file: bytes = field(default=b"", repr=False)
    file_kind: str = ""

    @property
    def file_sha256(self) -> str:
        """The digest of the file; empty where there is none."""
        return hashlib.sha256(self.file).hexdigest() if self.file else ""

    def to_values(self, by: int) -> dict[str, Any]:
        """What the leaf of the end commits to."""
        given = {"reference": self.reference, "file_sha256": self.file_sha256}
        return {"ground": self.ground, "by": f"u{by}", **{key: value for key, value in given.items() if value}}


def add_settlement(
    person: LockedPerson, delivery_id: int, proof: Proof, *, left: bool, outcome: str | None, at: datetime, by: int
) -> None:
    """Write it; the transaction that settles the delivery is open. Refuses: an erased person, who has no key."""
    if person.data_key is None:
        raise NoSuchRow(Text("客户资料已删除，证明无处保存", "the person was erased, and a proof cannot be kept"))
    seal, settlement_id = person.seal(), ids.take()
    reference, file = proof.reference, proof.file
    Settlement.objects.using("gate").create(
        person_id=person.id,
        id=settlement_id,
        delivery_id=delivery_id,
        has_left=left,
        outcome=outcome,
        ground=proof.ground,
        sealed_reference=seal.close(reference.encode(), f"settlement/{settlement_id}") if reference else None,
        sealed_file=seal.close(file, f"settlement file/{settlement_id}") if file else None,
        file_kind=proof.file_kind if file else "",
        file_sha256=proof.file_sha256,
        settled_at=at,
        settled_by_id=by,
    )


def open_reference(seal: Seal, sealed: bytes | memoryview | None, settlement_id: int) -> str:
    """Read `settlement.sealed_reference`; empty where a file alone is the proof."""
    return seal.open(sealed, f"settlement/{settlement_id}").decode() if sealed is not None else ""


def open_file(seal: Seal, sealed: bytes | memoryview, settlement_id: int) -> bytes:
    """Read `settlement.sealed_file`."""
    return seal.open(sealed, f"settlement file/{settlement_id}")
