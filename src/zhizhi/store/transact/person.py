"""What every write about a person begins with: the person's row, locked, and its version advanced.

Rows are locked in one order everywhere, so that two writers never wait for each other: persons by id, then their
deliveries, permits and contacts.
"""

from collections.abc import Iterable, Iterator
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


_LOCK = """
UPDATE person SET version = version + 1
FROM (SELECT id FROM person WHERE id = ANY (%s) ORDER BY id FOR UPDATE) locked
WHERE person.id = locked.id
RETURNING person.id, person.lender_id, person.subject, person.data_key
"""


def lock_persons(person_ids: Iterable[int]) -> dict[int, LockedPerson]:
    """Lock persons and advance their versions, so that no decision on older facts commits; a transaction is open."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_LOCK, [sorted(set(person_ids))])
        return {row[0]: LockedPerson(*row) for row in cursor.fetchall()}


@contextmanager
def writing(person_id: int) -> Iterator[LockedPerson]:
    """One durable transaction about one person. Refuses: a person that does not exist."""
    with transaction.atomic(using="gate", durable=True):
        person = lock_persons([person_id]).get(person_id)
        if person is None:
            raise NoSuchRow(Text("没有这位客户", "there is no such person"))
        yield person
