"""Write down what somebody said (客户意愿); what waits to leave is pulled back and decided again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.statements import NewStatement, add_statement
from zhizhi.usecases.authority import require
from zhizhi.usecases.propose_contact import load_person
from zhizhi.usecases.refused import UseCaseRefused

# A statement that stops collection at once, whatever else is decided later: 已还款 and 投诉 hold, a dispute holds its
# debt, and a represented person is spoken to through the attorney.
STOP_OF_STATEMENT = {
    "claims_paid": "claims_paid",
    "complain": "complaint",
    "denies_debt": "dispute",
    "dispute": "dispute",
    "represented_by_attorney": "represented",
}
ABOUT_A_DEBT = ("claims_paid", "denies_debt", "dispute")


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """A statement in the words of contract/conduct-case.md."""

    person_id: int
    party_id: int
    kind: str
    body: Mapping[str, Any]
    by: int | None
    source: str = "console"
    said_at: datetime | None = None


def record_statement(command: RecordStatement, at: datetime) -> int:
    """Write the statement and the stop that it brings, in one commit; answers its id.

    A claim or dispute about one debt stops that debt, one about none stops them all. Refuses: what the contract does
    not know, before anything is written.
    """
    if command.by is not None:  # none: a file, or what came in by a channel
        require(command.by, Right.RECORD, person_id=command.person_id)
    said_at = command.said_at or at
    if said_at > at:
        raise UseCaseRefused(
            "in_the_future", Text("陈述时间不能晚于现在", "a statement cannot lie in the future"), "said_at"
        )
    _check(command, said_at, at)
    debt = command.body.get("debt")
    new = NewStatement(
        party_id=command.party_id,
        kind=command.kind,
        body=command.body,
        said_at=said_at,
        source=command.source,
        by=f"u{command.by}" if command.by else "system",
        stop=STOP_OF_STATEMENT.get(command.kind),
        debt_id=int(debt[1:]) if debt and command.kind in ABOUT_A_DEBT else None,
    )
    return add_statement(command.person_id, new, at)


def _check(command: RecordStatement, said_at: datetime, at: datetime) -> None:
    """The contract itself judges the statement: the person's facts with it must still be a conduct case."""
    facts = load_person(command.person_id, at)
    party = f"p{command.party_id}"
    statement = {**command.body, "at": said_at.isoformat(), "by": party, "kind": command.kind}
    said = [*facts.document["statements"], statement]
    document = {
        "id": f"{facts.person_id}-{facts.version}",
        **facts.document,
        "statements": sorted(said, key=lambda one: datetime.fromisoformat(one["at"])),
        "collector": {"kind": "lender", "id": facts.lender},
        "proposed": {
            "at": at.isoformat(),
            "channel": "letter",
            "direction": "out",
            "party": party,
            "purpose": "collect",
        },
    }
    try:
        parse_case(document)
    except CaseError as error:
        raise UseCaseRefused(
            "bad_statement",
            Text(f"陈述内容不符合约定（{error.code}）", f"the statement is not one of the contract ({error.code})"),
            "kind",
        ) from error
