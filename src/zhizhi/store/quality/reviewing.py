"""A review goes on: given, appealed, looked at again, and what came of it; each step with its leaf."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.quality.marks import score_of, severity_of
from zhizhi.store.lenders.models import Staff
from zhizhi.store.people.models import Person
from zhizhi.store.quality.models import QualityReview
from zhizhi.store.quality.words import APPEALED, CHANGED, DONE, RETRAINING, UPHELD, WAITING
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

MOVED_ON = Text("没有这条质检，或已不在此状态", "there is no such review, or it has moved on")

Named = tuple[int, int]
"""Person and id of a review."""
Marked = Sequence[tuple[str, int | None]]
"""Code of each mark, and the second of the recording at which it is heard."""


@contextmanager
def _moving(named: Named, *states: str) -> Iterator[QualityReview]:
    """One durable transaction about a review in one of these states, all of its contact locked in the order of ids: two
    reviewers of one contact who are done at the same moment come one after the other."""
    with transaction.atomic(using="gate", durable=True):
        rows = QualityReview.objects.using("gate").filter(person_id=named[0])
        of_contact = rows.filter(contact_id__in=rows.filter(id=named[1]).values("contact_id")).order_by("id")
        locked = {one.id: one for one in of_contact.select_for_update(of=("self",))}
        row = locked.get(named[1])
        if row is None or row.state not in states:
            raise Refused("moved_on", MOVED_ON)
        yield row


def _judge(row: QualityReview, marks: Marked) -> None:
    codes = [code for code, _ in marks]
    row.marks = [{"code": code, "second": second} for code, second in marks]
    row.score, row.severity = score_of(codes), severity_of(codes).value


_MOVING = (
    *(
        "state",
        "is_revealed",
        "marks",
        "score",
        "severity",
        "remark",
        "done_at",
        "appeal_until",
        "appeal",
        "appealed_at",
    ),
    *("ruled_by_id", "ruled_at", "ruling", "consequence", "consequence_by_id", "consequence_at", "consequence_ground"),
)


def _keep(row: QualityReview, at: datetime) -> None:
    same = QualityReview.objects.using("gate").filter(person_id=row.person_id, id=row.id)
    same.update(**{name: getattr(row, name) for name in _MOVING})
    subject = Person.objects.using("gate").values_list("subject", flat=True).get(id=row.person_id)
    values = {
        "contact": row.contact_id,
        "draw": row.draw_id,
        "n": row.n,
        "staff": row.staff_id,
        "reviewer": row.reviewer_id,
        "state": row.state,
        "marks": row.marks,
        "score": row.score,
        "severity": row.severity,
        "ruled_by": row.ruled_by_id,
        "consequence": row.consequence,
        "consequence_by": row.consequence_by_id,
    }
    add_leaves([NewLeaf(LeafKind.QUALITY, at, subject, values, row.person_id, row.id, source_table="quality_review")])


def give_review(named: Named, marks: Marked, remark: str, appeal_until: date, *, by: int, at: datetime) -> None:
    """The verdict of its reviewer; where it is the last one of the contact, it is shown from now on.

    Refuses: one that is given, one of another reviewer.
    """
    with _moving(named, WAITING) as row:
        if row.reviewer_id != by:
            raise Refused("not_yours", Text("这条质检分给了另一位质检员", "this review is another reviewer's"))
        _judge(row, marks)
        row.state, row.remark, row.done_at = DONE, remark, at
        rows = QualityReview.objects.using("gate").filter(person_id=row.person_id, contact_id=row.contact_id)
        others = rows.exclude(id=row.id)
        row.is_revealed = not others.filter(state=WAITING).exists()
        if row.is_revealed:
            row.appeal_until = appeal_until
            others.update(is_revealed=True, appeal_until=appeal_until)
        _keep(row, at)


def appeal_review(named: Named, ground: str, today: date, *, by: int, at: datetime) -> None:
    """Whoever made the contact does not agree. Refuses: another's, one that is not shown yet, one that came late."""
    with _moving(named, DONE) as row:
        if row.staff_id != by or not row.is_revealed or row.n != 1:
            raise Refused("moved_on", MOVED_ON)
        assert row.appeal_until is not None, "shown with its last day"
        if today > row.appeal_until:
            text = Text("申诉期（三个工作日）已过", "the three working days for an appeal are over")
            raise Refused("too_late", text)
        row.state, row.appeal, row.appealed_at = APPEALED, ground, at
        _keep(row, at)


def rule_appeal(named: Named, marks: Marked | None, ruling: str, *, by: int, at: datetime) -> None:
    """The second look by another reviewer: upheld (`marks` None), or the verdict of these marks takes its place.

    Refuses: whoever reviewed or made the contact, one that nobody appealed.
    """
    with _moving(named, APPEALED) as row:
        if by in (row.reviewer_id, row.staff_id):
            raise Refused("same_person", Text("须由另一人复核", "somebody else has to look again"))
        row.state = UPHELD if marks is None else CHANGED
        if marks is not None:
            _judge(row, marks)
        row.ruled_by_id, row.ruled_at, row.ruling = by, at, ruling
        _keep(row, at)


@dataclass(frozen=True, slots=True)
class NewConsequence:
    """What comes of a verdict that stands."""

    consequence: str
    ground: str
    by: int


def set_consequence(named: Named, new: NewConsequence, today: date, at: datetime) -> None:
    """Say it, once; retraining takes effect in the same commit. Refuses: a verdict that may still be appealed or is,
    one of the own contacts, one of which it was said."""
    with _moving(named, DONE, UPHELD, CHANGED) as row:
        stands = row.state != DONE or (row.appeal_until is not None and today > row.appeal_until)
        if not stands or not row.is_revealed or row.n != 1 or row.consequence is not None or row.staff_id == new.by:
            text = Text(
                "申诉期内、已处理或本人的质检不能处理", "it may still be appealed, was dealt with, or is one's own"
            )
            raise Refused("not_standing", text)
        row.consequence, row.consequence_ground = new.consequence, new.ground
        row.consequence_by_id, row.consequence_at = new.by, at
        _keep(row, at)
        if new.consequence == RETRAINING:
            Staff.objects.using("gate").filter(pk=row.staff_id).update(trained_on=None)


def lender_of_review(named: Named) -> int | None:
    """Whose contact was drawn; None where there is no such review."""
    rows = QualityReview.objects.using("gate").filter(person_id=named[0], id=named[1])
    return rows.values_list("lender_id", flat=True).first()
