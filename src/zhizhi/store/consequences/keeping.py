"""A fact of a debt is kept, with its leaf; what waits to leave was worded for what was true before."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.consequence.words import Fact, Served, Source
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.consequences.models import DebtFact
from zhizhi.store.debts.models import Debt
from zhizhi.store.ids import ids
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, writing

CALLED_OFF = "debt_fact"
NO_DEBT = Text("该客户没有这笔债权", "this person has no such debt")
NOT_TOLD = Text(
    "报送不良信息前须先告知：没有登记早于该日送达的告知（征信业管理条例 15）",
    "the person is told before adverse information is reported: no notice is on record as served by then (CRR 15)",
)
NOT_REPORTING = Text("没有登记债权人报送本笔债权", "it is not on record that the creditor reports this debt")
SAME = Text("与现有登记相同", "this is on record already")


class FactRefused(Refused):
    """The fact cannot be kept; nothing is written."""


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact of a debt from a day on; `how`: of a notice that was served."""

    person_id: int
    debt_id: int
    fact: Fact
    holds: bool
    on: date
    source: Source
    evidence: str
    by: int
    how: Served | None = None


def keep_fact(new: NewFact, at: datetime) -> int:
    """Add the row; answers its id. What waits of the person is pulled back where it changes what is true.

    Refuses: a debt that is not this person's, what is on record already, adverse information of which the person was
    not told before, or of a debt that is not reported.
    """
    with writing(new.person_id) as person:
        if not Debt.objects.using("gate").filter(person_id=person.id, id=new.debt_id).exists():
            raise FactRefused("no_debt", NO_DEBT)
        known = _latest(person.id, new.debt_id)
        former = known.get(new.fact)
        if former is not None and (former.holds, former.on_day, former.how) == (new.holds, new.on, new.how):
            raise FactRefused("same", SAME)
        if new.fact is Fact.ADVERSE_REPORTED and new.holds:
            _require_told(known, new.on)
        row = DebtFact.objects.using("gate").create(
            person_id=person.id,
            id=ids.take(),
            lender_id=person.lender_id,
            debt_id=new.debt_id,
            fact=new.fact.value,
            n=former.n + 1 if former else 1,
            holds=new.holds,
            on_day=new.on,
            source=new.source.value,
            how=new.how.value if new.how else None,
            evidence=new.evidence,
            by_id=new.by,
            at=at,
        )
        if former is None or former.holds != new.holds:
            cancel_waiting(person.id, at, CALLED_OFF)
        _log(person, row)
        return int(row.id)


def _latest(person_id: int, debt_id: int) -> dict[Fact, DebtFact]:
    rows = DebtFact.objects.using("gate").filter(person_id=person_id, debt_id=debt_id).order_by("n")
    return {Fact(row.fact): row for row in rows}


def _require_told(known: dict[Fact, DebtFact], on: date) -> None:
    reports, notice = known.get(Fact.CREDIT_REPORTING), known.get(Fact.ADVERSE_NOTICE)
    if reports is None or not reports.holds:
        raise FactRefused("not_reporting", NOT_REPORTING)
    if notice is None or not notice.holds or notice.on_day > on:
        raise FactRefused("not_told", NOT_TOLD)


def _log(person: LockedPerson, row: DebtFact) -> None:
    values = {
        "debt": row.debt_id,
        "fact": row.fact,
        "n": row.n,
        "holds": row.holds,
        "on": row.on_day.isoformat(),
        "source": row.source,
        "how": row.how,
        "evidence": row.evidence,
        "by": row.by_id,
    }
    leaf = NewLeaf(LeafKind.CONSEQUENCE, row.at, person.subject, values, person.id, row.id, source_table="debt_fact")
    add_leaves([leaf])
