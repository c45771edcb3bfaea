"""One form opens files for many cases: equal facts make equal files, and what stood in the way can be mended."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.bars import Bar, DebtFacts, bars_of
from zhizhi.core.litigation.deadlines import cautious_limitation
from zhizhi.core.litigation.words import Lane
from zhizhi.store.lenders.rights import Right
from zhizhi.store.litigation.facts import DebtToSue, debts_of_cases
from zhizhi.store.litigation.keeping import FileTerms, count_batch, new_batch, open_file
from zhizhi.store.litigation.words import BATCH_MAX, CLAIMS
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

COURT_CHARACTERS_MIN = 2
_GONE_STATES = frozenset(("deceased", "no_capacity"))


@dataclass(frozen=True, slots=True)
class OpenFiles:
    """The form: by which lane, at which court or body, of which cases, and what their contracts say.

    `interrupted_on`: the day of an interruption that is proven for all of them. `again_of`: the batch sent anew.
    """

    lender_id: int
    lane: Lane
    court: str
    claim: str
    case_numbers: tuple[str, ...]
    by: int
    has_arbitration_clause: bool = False
    is_notarised: bool = False
    interrupted_on: date | None = None
    again_of: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of it: how many files, and how many debts were refused by why."""

    batch_id: int
    files: int
    refused: Counter[Bar]


def open_files(command: OpenFiles, at: datetime) -> Opened:
    """Open a file for every debt that is behind its day of these cases, each in a transaction of its own.

    Sending it again opens none twice: a debt with an open file is refused as one. Refuses: NotAllowed, no number, too
    many, numbers that are no case of the lender or whose debts are not behind, a claim or interruption that cannot be.
    """
    require(command.by, Right.WORK_SUIT, lender_id=command.lender_id)
    command = _checked(command, civil_day(at))
    debts = debts_of_cases(command.lender_id, command.case_numbers, at)
    _require_all(command.case_numbers, {debt.case_number for debt in debts})
    for person_id in {debt.person_id for debt in debts}:
        require(command.by, Right.WORK_SUIT, person_id=person_id)
    facts = {
        "lane": command.lane.value,
        "claim": command.claim,
        "court": command.court,
        "has_arbitration_clause": command.has_arbitration_clause,
        "is_notarised": command.is_notarised,
        "interrupted_on": command.interrupted_on.isoformat() if command.interrupted_on else None,
    }
    batch_id = new_batch(command.lender_id, facts, command.again_of, command.by, at)
    terms = _terms(command, batch_id, civil_day(at))
    bars = [open_file(debt, terms, at) for debt in debts]
    refused = Counter(bar for bar in bars if bar is not None)
    files = len(bars) - refused.total()
    count_batch(batch_id, files, refused.total())
    return Opened(batch_id, files, refused)


def _terms(command: OpenFiles, batch_id: int, on: date) -> FileTerms:
    def claim_of(debt: DebtToSue) -> int:
        return debt.principal_minor if command.claim == "principal" else debt.balance_minor

    def begin_by_of(debt: DebtToSue) -> date | None:
        return cautious_limitation(debt.unpaid_since, command.interrupted_on, WORKDAYS_CN)

    def bars(debt: DebtToSue) -> tuple[Bar, ...]:
        return bars_of(_facts(command, debt, claim_of(debt), begin_by_of(debt)), command.lane, on)

    def digest_of(debt: DebtToSue) -> bytes:
        begin_by = begin_by_of(debt)
        return hashlib.sha256(canonical({
            "lane": command.lane.value,
            "court": command.court,
            "claim_minor": claim_of(debt),
            "currency": debt.currency,
            "product": debt.product,
            "begin_by": begin_by.isoformat() if begin_by else None,
            "opened_on": on.isoformat(),
            "has_arbitration_clause": command.has_arbitration_clause,
            "is_notarised": command.is_notarised,
        })).digest()  # fmt: skip

    return FileTerms(
        batch_id=batch_id,
        lane=command.lane,
        court=command.court,
        by=command.by,
        on=on,
        claim_of=claim_of,
        begin_by_of=begin_by_of,
        digest_of=digest_of,
        bars=bars,
    )


def _facts(command: OpenFiles, debt: DebtToSue, claim_minor: int, begin_by: date | None) -> DebtFacts:
    return DebtFacts(
        balance_minor=debt.balance_minor if claim_minor > 0 else 0,
        claim_minor=claim_minor,
        begin_by=begin_by,
        is_case_open=debt.is_case_open,
        is_in_court=debt.is_in_court,
        is_with_agency=debt.agency_id is not None,
        is_plan_kept=debt.is_relief_kept or "plan" in debt.stops or debt.state == "plan_performing",
        is_deceased=debt.person_state in _GONE_STATES or not debt.stops.isdisjoint(("deceased", "incapacity")),
        is_bankrupt=debt.person_state == "bankruptcy_stay" or "bankruptcy" in debt.stops,
        is_disputed=debt.state == "disputed" or not debt.stops.isdisjoint(("dispute", "complaint", "claims_paid")),
        is_missing=debt.is_lost_contact,
        lacks_notice=debt.state == "transferred_without_notice",
        has_arbitration_clause=command.has_arbitration_clause,
        is_notarised=command.is_notarised,
    )


def _checked(command: OpenFiles, today: date) -> OpenFiles:
    numbers = tuple(dict.fromkeys(number.strip() for number in command.case_numbers if number.strip()))
    if not 1 <= len(numbers) <= BATCH_MAX:
        text = Text(f"每批 1 至 {BATCH_MAX} 件", f"a batch has 1 to {BATCH_MAX} cases")
        raise UseCaseRefused("bad_numbers", text, "numbers")
    if command.claim not in CLAIMS:
        raise UseCaseRefused("bad_claim", Text("请选择请求金额", "help: choose what is claimed"), "claim")
    if command.interrupted_on is not None and command.interrupted_on > today:
        text = Text("中断日不能晚于今天", "an interruption cannot lie in the future")
        raise UseCaseRefused("in_the_future", text, "interrupted_on")
    court = checked_text(command.court, "court", characters_min=COURT_CHARACTERS_MIN)
    return replace(command, case_numbers=numbers, court=court)


def _require_all(wanted: tuple[str, ...], found: set[str]) -> None:
    missing = len([number for number in wanted if number not in found])
    if missing:
        text = Text(
            f"有 {missing} 个案件编号不是本机构的逾期案件；请更正后再提交，未建任何案卷",
            f"{missing} of the numbers are no case of the lender with a debt behind its day; help: mend them and send"
            " again, nothing was opened",
        )
        raise UseCaseRefused("unknown_cases", text, "numbers")
