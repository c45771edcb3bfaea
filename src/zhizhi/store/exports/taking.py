"""A file that leaves: counted, approved, written and logged first, and then handed out."""

import base64
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.exports.models import Export, ExportRow
from zhizhi.store.exports.words import DataClass, Kind, number_of
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.many import Question, ask
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

OVER_LIMIT, NEEDS_SECOND = "ZE001", "ZE002"  # raised by the trigger of the table
CODE_OCTETS = 5
OF_NO_LENDER = 0  # marks are of the installation: one of them is found whoever's export it was
_OVER = {
    "staff": Text(
        "24 小时内您已导出 {used} 份额，上限 {most}；请缩小范围或稍后再导出",
        "you exported {used} units within 24 h, the limit is {most}; help: ask for less, or later",
    ),
    "recipient": Text(
        "24 小时内该接收人已得到 {used} 份额，上限 {most}；请缩小范围或稍后再导出",
        "this recipient got {used} units within 24 h, the limit is {most}; help: ask for less, or later",
    ),
}
SECOND = Text(
    "超出本人可直接导出的数量，须由第二人批准", "more than one person takes alone; help: ask a second person to approve"
)


class ExportRefused(Refused):
    """The file does not leave; nothing is written."""


@dataclass(frozen=True, slots=True)
class NewExport:
    """A file, made already: who takes it, what it holds, for whom and why."""

    id: int
    kind: Kind
    target: str
    lender_id: int | None
    person_id: int | None
    data_class: DataClass
    rows: int
    recipient: str
    ground: str
    staff_id: int
    role: str
    approval_id: int | None
    sha256: str
    digests: Sequence[bytes] = ()


def next_export() -> int:
    """The id of an export that is about to be made. Boundary: one that is refused then leaves a gap."""
    return ask(Question("SELECT nextval('export_id_seq')", [], lambda rows: int(rows[0][0])))


def day_limit() -> int:
    """Units within 24 hours, as the installation set it: never more than `UNITS_A_DAY`."""
    return int(settings.EXPORT_UNITS)


def code_of(export_id: int) -> str:
    """What stands behind the number in a mark: nobody without the key writes the mark of another export."""
    digest = SearchKeys(OF_NO_LENDER).digest("export/mark", str(export_id).encode())
    return base64.b32encode(digest[:CODE_OCTETS]).decode()


def mark_of(export_id: int) -> str:
    """The mark that every row of a file carries."""
    return f"{number_of(export_id)}-{code_of(export_id)}"


def row_digest(cells: Sequence[str]) -> bytes:
    """What a row is known again by: its cells, however they are spaced, and with or without the guard of a formula."""
    plain = [" ".join(unicodedata.normalize("NFKC", cell.lstrip("'")).split()) for cell in cells]
    return SearchKeys(OF_NO_LENDER).digest("export/row", canonical(plain))


def recipient_key(recipient: str) -> str:
    """One spelling of a recipient, so that a space or a capital makes no second one."""
    return "".join(unicodedata.normalize("NFKC", recipient).casefold().split())


def keep_export(new: NewExport, at: datetime, approve: Callable[[], None]) -> None:
    """Use the approval up, count, write the row and its leaf, in one transaction on `gate`.

    Refuses: ExportRefused (over the limit, a second person is needed), and whatever `approve` refuses.
    """
    try:
        with transaction.atomic(using="gate", durable=True):
            approve()
            _write(new, at)
    except DatabaseError as broken:
        violated = broken.__cause__
        sqlstate = getattr(violated, "sqlstate", None)
        if sqlstate == NEEDS_SECOND:
            raise ExportRefused("second_person", SECOND) from None
        if sqlstate != OVER_LIMIT:
            raise
        whose, used, most = violated.diag.message_detail.split()  # type: ignore[union-attr]  # psycopg's, by its sqlstate
        raise ExportRefused("over_limit", _OVER[whose].fill(used=used, most=most)) from None


def _write(new: NewExport, at: datetime) -> None:
    row = Export.objects.using("gate").create(
        id=new.id,
        subject=_subject_of(new.person_id),
        lender_id=new.lender_id,
        kind=new.kind.value,
        target=new.target,
        person_id=new.person_id,
        data_class=new.data_class.value,
        rows=new.rows,
        units=new.rows * new.data_class.units,
        day_limit=day_limit(),
        recipient=new.recipient,
        recipient_key=recipient_key(new.recipient),
        ground=new.ground,
        staff_id=new.staff_id,
        role=new.role,
        approval_id=new.approval_id,
        sha256=new.sha256,
        taken_at=at,
    )
    ExportRow.objects.using("gate").bulk_create([ExportRow(export=row, digest=one) for one in new.digests])
    values = {
        "export": number_of(new.id),
        "export_kind": row.kind,
        "target": row.target,
        "class": row.data_class,
        "rows": row.rows,
        "recipient": row.recipient,
        "ground": row.ground,
        "by": row.staff_id,
        "role": row.role,
        "approval": row.approval_id,
        "sha256": row.sha256,
    }
    add_leaves([NewLeaf(LeafKind.EXPORT, at, row.subject, values, row.person_id, row.pk, source_table="export")])


def _subject_of(person_id: int | None) -> UUID:
    if person_id is None:
        return uuid4()
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT subject FROM person WHERE id = %s", [person_id])
        (subject,) = cursor.fetchone()
    found: UUID = subject
    return found
