"""Whether an agency may get cases, whether it may get this one, and how long it may keep them.

A fact that is missing stands in the way: an agency without a day of evaluation was never evaluated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhizhi.core.kernel.text import Text

CHECK_HOLDS = timedelta(days=365)
"""GB/T 45251-2025 5.4, CBA 2026 art. 31: at least once a year."""


class Barrier(StrEnum):
    """Why an agency does not get cases at all, or not this one."""

    NOT_LISTED = "not_listed"
    NOT_EVALUATED = "not_evaluated"
    NOT_INSPECTED = "not_inspected"
    CONTRACT_ENDS = "contract_ends"
    UNDER_INQUIRY = "under_inquiry"
    NO_ASSESSMENT = "no_assessment"
    CLOSED = "closed"
    PLACED_ALREADY = "placed_already"
    STOPPED = "stopped"
    COMPLAINED_OF = "complained_of"
    HELD_BEFORE = "held_before"
    HAND_BEHIND = "hand_behind"
    IN_COURT = "in_court"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _LABELS[self]


_LABELS = {
    Barrier.NOT_LISTED: Text("机构不在公示名单", "the agency is not on the published list"),
    Barrier.NOT_EVALUATED: Text("机构一年内无评估", "the agency was not evaluated within a year"),
    Barrier.NOT_INSPECTED: Text("机构一年内无检查", "the agency was not inspected within a year"),
    Barrier.CONTRACT_ENDS: Text(
        "合同在委案到期日前届满，或无合同", "the contract ends before the placement, or is missing"
    ),
    Barrier.UNDER_INQUIRY: Text("机构有未了结的违规核查", "a breach inquiry against the agency is not ended"),
    Barrier.NO_ASSESSMENT: Text("无有效的委外影响评估", "no approved impact assessment of placements stands"),
    Barrier.CLOSED: Text("案件已结", "the case is closed"),
    Barrier.PLACED_ALREADY: Text("案件已在委外机构", "the case is with an agency already"),
    Barrier.STOPPED: Text("案件停催中", "the case is stopped"),
    Barrier.COMPLAINED_OF: Text("客户曾投诉该机构", "the person complained while it was with this agency"),
    Barrier.HELD_BEFORE: Text("该机构曾承办此案", "this agency had the case before"),
    Barrier.HAND_BEHIND: Text("手别未递增", "the case had this hand already, or a later one"),
    Barrier.IN_COURT: Text("有未结的诉讼案卷", "a court file of the case is open"),
}


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """What is known of an agency: its dates as the lender keeps them, and whether a breach is being looked into."""

    id: int
    is_listed: bool
    evaluated_on: date | None
    inspected_on: date | None
    contract_ends_on: date | None
    is_under_inquiry: bool = False


def agency_barriers(agency: AgencyFacts, on: date, due_on: date) -> tuple[Barrier, ...]:
    """What stands between an agency and cases from one day until another, the day of the end included.

    Law: GB/T 45251-2025 5.4 (evaluation), CBA 2026 art. 31 and ch. 4 (inspection, list), PIPL 21 (contract).
    """
    found = {
        Barrier.NOT_LISTED: not agency.is_listed,
        Barrier.NOT_EVALUATED: not _holds(agency.evaluated_on, on),
        Barrier.NOT_INSPECTED: not _holds(agency.inspected_on, on),
        Barrier.CONTRACT_ENDS: agency.contract_ends_on is None or agency.contract_ends_on < due_on,
        Barrier.UNDER_INQUIRY: agency.is_under_inquiry,
    }
    return tuple(barrier for barrier, stands in found.items() if stands)


def _holds(checked_on: date | None, on: date) -> bool:
    return checked_on is not None and checked_on <= on <= checked_on + CHECK_HOLDS


@dataclass(frozen=True, slots=True)
class PastPlacement:
    """That a case was with an agency before; `was_complained_of`: a complaint came in while it was."""

    agency_id: int
    hand: int
    was_complained_of: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as it stands when it is to be handed over."""

    is_open: bool
    agency_id: int | None
    is_stopped: bool
    past: tuple[PastPlacement, ...] = ()
    is_in_court: bool = False


def case_barriers(case: CaseFacts, agency_id: int, hand: int) -> tuple[Barrier, ...]:
    """What stands between this case and this agency as this hand.

    Law: complaint or dispute open: no agency (D-21); a complaint about an agency ends its part in the case. House: a
    case with an open court file stays with the lender, who speaks for it before the court.
    """
    found = {
        Barrier.CLOSED: not case.is_open,
        Barrier.PLACED_ALREADY: case.agency_id is not None,
        Barrier.STOPPED: case.is_stopped,
        Barrier.IN_COURT: case.is_in_court,
        Barrier.COMPLAINED_OF: any(one.was_complained_of and one.agency_id == agency_id for one in case.past),
        Barrier.HELD_BEFORE: any(one.agency_id == agency_id for one in case.past),
        Barrier.HAND_BEHIND: any(one.hand >= hand for one in case.past),
    }
    return tuple(barrier for barrier, stands in found.items() if stands)


def latest_due_on(begun_on: date, days_max: int, contracts_end_on: Iterable[date | None]) -> date | None:
    """The last day to which a placement may be extended: so many days at most, and within every contract; None where
    a contract is missing."""
    ends = list(contracts_end_on)
    if None in ends:
        return None
    return min([begun_on + timedelta(days=days_max), *(end for end in ends if end is not None)])
