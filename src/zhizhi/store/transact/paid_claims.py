"""Claims to have paid are answered: by money that arrives, or by a person who looked. Until then nobody collects.

An answer is a row of the collector's own among what was said: `withdraw` of `claims_paid`, said by nobody's party. What
the debtor said stays as it was said; the facts of the law leave out a claim that was answered after it was made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.debt.remittance.claims import Claim, Found, is_met
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Stop
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.people.models import Statement
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing
from zhizhi.store.transact.stops import write_lift

CLAIMS, ANSWERS = "claims_paid", "withdraw"


@dataclass(frozen=True, slots=True)
class _Open:
    """A claim that nobody has answered."""

    statement_id: int
    debt: str | None
    claim: Claim


def answer_claim(person_id: int, statement_id: int, found: Found, *, ground: str, by: str, at: datetime) -> None:
    """A person looked. Refuses: no such claim, or one that was answered."""
    with writing(person_id) as person:
        for one in _open_claims(person.id):
            if one.statement_id == statement_id:
                _answer(person, one, {"found": found.value, "ground": ground, "by": by}, at)
                return
    raise NoSuchRow(Text("该陈述已有结论或不存在", "this claim was answered, or is not there"))


def meet_claims(person: LockedPerson, debt_id: int, amount_minor: int, paid_on: date, at: datetime) -> int:
    """Money was posted: claims that it meets are answered. In the caller's transaction; answers how many."""
    met = [one for one in _open_claims(person.id) if is_met(one.claim, debt_id, amount_minor, paid_on)]
    for one in met:
        _answer(person, one, {"found": Found.POSTED.value, "ground": "", "by": "system"}, at)
    return len(met)


def _open_claims(person_id: int) -> Iterator[_Open]:
    rows = Statement.objects.using("gate").filter(person_id=person_id, kind__in=(CLAIMS, ANSWERS)).order_by("at", "id")
    said = list(rows)
    answers = [row for row in said if row.kind == ANSWERS and row.party_id is None and row.body.get("of") == CLAIMS]
    for row in said:
        debt = row.body.get("debt")
        if row.kind == CLAIMS and not any(one.at >= row.at and one.body.get("debt") in (None, debt) for one in answers):
            named = row.body.get("on")
            yield _Open(
                row.id,
                debt,
                Claim(
                    said_on=day_in(BEIJING, row.at),
                    debt_id=int(debt[1:]) if debt else None,
                    amount_minor=row.body.get("amount_minor"),
                    paid_on=date.fromisoformat(named) if named else None,
                ),
            )


def _answer(person: LockedPerson, claim: _Open, more: dict[str, Any], at: datetime) -> None:
    body = {"of": CLAIMS} | ({"debt": claim.debt} if claim.debt else {})
    row = Statement.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        party_id=None,
        at=at,
        kind=ANSWERS,
        body=body,
        source="settlement",
        recorded_at=at,
    )
    values = {
        "kind": ANSWERS,
        "party": None,
        "body": body,
        "said_at": instant(at),
        "answers": claim.statement_id,
        **more,
    }
    add_leaves([NewLeaf(LeafKind.STATEMENT, at, person.subject, values, person.id, row.id, source_table="statement")])
    ground = f"称已还款已核对（{more['found']}）"
    for stop in Stop.objects.using("gate").filter(
        person_id=person.id, kind=CLAIMS, ground=f"statement {claim.statement_id}", lifted_at=None
    ):
        write_lift(person, stop.id, ground, at=at, by=more["by"])
