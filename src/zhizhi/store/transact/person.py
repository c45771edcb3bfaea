"""What every write about one person begins with: its row, locked, and its version advanced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import connections, transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import Seal, person_seal


class NoSuchRow(Refused):
    """The row that a write speaks of is not there, or not in the state that the write needs."""

    def __init__(self, what: Text) -> None:
        super().__init__("no_such_row", what)


@dataclass(frozen=True, slots=True)
class LockedPerson:
    """The person of this transaction; nobody else commits for it until the transaction ends."""

    id: int
    lender_id: int
    subject: UUID
    data_key: bytes | None

    def seal(self) -> Seal:
        """The seal under the person's own key. Refuses: an erased person."""
        return person_seal(self.data_key)


@contextmanager
def writing(person_id: int) -> Iterator[LockedPerson]:
    """One durable transaction about one person; its version advances, so that no decision on older facts commits.

    Refuses: a person that does not exist.
    """
    with transaction.atomic(using="gate", durable=True):
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "UPDATE person SET version = version + 1 WHERE id = %s RETURNING id, lender_id, subject, data_key",
                [person_id],
            )
            row = cursor.fetchone()
        if row is None:
            raise NoSuchRow(Text("没有这位客户", "there is no such person"))
        yield LockedPerson(*row)
