"""撤案、退案、留案: the lender takes cases back, the agency gives them back, or the agency keeps one past its day."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.fitness import latest_due_on
from zhizhi.store.lenders.rights import Right
from zhizhi.store.placements.ending import End, Ended, Key, cases_with, end_by_day, end_placements
from zhizhi.store.placements.extending import extend_placement, load_standing_placement
from zhizhi.store.placements.reads import case_of_number
from zhizhi.store.placements.words import RECALLED, RETURNED, TERM_DAYS_MAX
from zhizhi.store.transact.assigning import reflow_cases
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

GROUND_CHARACTERS_MIN = 4


@dataclass(frozen=True, slots=True)
class RecallCases:
    """The lender takes back one case (by its number), or all that an agency has of it, or of one batch."""

    lender_id: int
    agency_id: int
    ground: str
    by: int
    number: str | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """An agency gives a case back."""

    number: str
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class ExtendPlacement:
    """A case stays with its agency until a later day."""

    number: str
    due_on: date
    ground: str
    by: int


def recall_cases(command: RecallCases, at: datetime) -> Ended:
    """Take them back at once; answers how many, and what was pulled back.

    Refuses: NotAllowed, a ground that is too short or holds a number, a case that is not with this agency.
    """
    require(command.by, Right.END_PLACEMENT, lender_id=command.lender_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if command.number is None:
        keys = cases_with(command.lender_id, command.agency_id, command.batch_id)
    else:
        named = _named(command.number)
        keys = [named] if named is not None else []
    end = End(RECALLED, command.agency_id, command.lender_id, command.by, ground)
    done = end_placements(keys, end, at)
    if not done.cases:
        raise UseCaseRefused("not_placed", _NOT_PLACED, "number" if command.number is not None else None)
    reflow_cases(civil_day(at), at, command.by, [case_id for _, case_id in keys])
    return done


def return_case(command: ReturnCase, at: datetime) -> Ended:
    """Give a case back to its lender. Refuses: NotAllowed, a bad ground, a case that is not with the own agency now."""
    acting = require(command.by, Right.RETURN_PLACEMENT)
    if acting.agency_id is None:
        raise NotAllowed(Right.RETURN_PLACEMENT)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    key = _named(command.number)
    keys = [key] if key is not None else []
    done = end_placements(keys, End(RETURNED, acting.agency_id, acting.lender_id, command.by, ground), at)
    if not done.cases:
        raise UseCaseRefused("not_placed", _NOT_PLACED, "number")
    reflow_cases(civil_day(at), at, command.by, [case_id for _, case_id in keys])
    return done


def extend(command: ExtendPlacement, at: datetime) -> None:
    """Move the last day of a placement. Refuses: NotAllowed, a bad ground, no placement of a batch, a day that is not
    later, or beyond the cap or the agency's contract."""
    acting = require(command.by, Right.END_PLACEMENT)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    key = _named(command.number)
    standing = load_standing_placement(*key) if key is not None else None
    if standing is None or not acting.works_for(standing.lender_id):
        raise UseCaseRefused("not_placed", _NOT_PLACED, "number")
    last = latest_due_on(civil_day(standing.placed_at), TERM_DAYS_MAX, [standing.contract_ends_on])
    if command.due_on <= standing.due_on:
        raise UseCaseRefused("not_later", Text("须晚于现到期日", "it has to be later than it is now"), "due_on")
    if last is None or command.due_on > last:
        said = last.isoformat() if last is not None else "-"
        text = Text(f"最晚可留至 {said}（上限与合同）", f"it may be kept until {said} at the latest (cap and contract)")
        raise UseCaseRefused("beyond_cap", text, "due_on")
    extend_placement(standing, command.due_on, ground, command.by, at)


def expire_placements(lender_id: int, on: date, at: datetime) -> Ended:
    """What is past its last day or its agency's contract goes back; closed cases end their placements."""
    return end_by_day(lender_id, on, at)


_NOT_PLACED = Text("该案件不在这家机构", "the case is not with this agency")


def _named(number: str) -> Key | None:
    return case_of_number(number.strip())
