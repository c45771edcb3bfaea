"""Write down what somebody said (客户意愿); what waits to leave is pulled back and decided again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.transact.statements import add_statement
from zhizhi.store.transact.stops import add_stop
from zhizhi.usecases.proposal import Proposal, case_document
from zhizhi.usecases.propose_contact import load_person
from zhizhi.usecases.refused import UseCaseRefused

# A statement that stops collection at once, whatever else is decided later: 已还款 holds, 投诉 holds, a dispute
# holds the debt.
STOP_OF_STATEMENT = {
    "claims_paid": "claims_paid",
    "complain": "complaint",
    "denies_debt": "dispute",
    "dispute": "dispute",
}


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
    """Write the statement; answers its id. Refuses: what the contract does not know, before anything is written."""
    said_at = command.said_at or at
    _check(command, said_at, at)
    by = f"u{command.by}" if command.by else "system"
    statement_id = add_statement(
        command.person_id,
        command.party_id,
        command.kind,
        command.body,
        said_at=said_at,
        at=at,
        source=command.source,
        by=by,
    )
    if stop := STOP_OF_STATEMENT.get(command.kind):
        add_stop(command.person_id, stop, None, f"statement {statement_id}", None, at=at, by=by)
    return statement_id


def _check(command: RecordStatement, said_at: datetime, at: datetime) -> None:
    """The contract itself judges the statement: the person's facts with it must still be a conduct case."""
    if said_at > at:
        raise UseCaseRefused(
            "in_the_future", Text("陈述时间不能晚于现在", "a statement cannot lie in the future"), "said_at"
        )
    facts = load_person(command.person_id)
    party = f"p{command.party_id}"
    statement = {"at": said_at.isoformat(), "by": party, "kind": command.kind, **command.body}
    point = next((point["id"] for point in facts.document["points"]), None)
    if point is None:
        return
    document = case_document(
        facts,
        Collector(facts.lender, {"kind": "lender", "id": facts.lender}),
        Proposal(command.person_id, command.party_id, int(point[1:]), "sms", "notification", "collect", None),
        at,
    )
    document["statements"] = sorted(
        [*document["statements"], statement], key=lambda one: datetime.fromisoformat(one["at"])
    )
    try:
        parse_case(document)
    except CaseError as error:
        raise UseCaseRefused(
            "bad_statement",
            Text(f"陈述内容不符合约定（{error.code}）", f"the statement is not one of the contract ({error.code})"),
            "kind",
        ) from error
