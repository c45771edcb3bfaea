"""Propose a batch: choose cases, leave out what stands in the way, cut equal lots, and ask a second person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.fitness import case_barriers
from zhizhi.core.placement.lots import CaseToPlace, age_band, cut_into_lots
from zhizhi.store.lenders.rights import Right
from zhizhi.store.placements.choosing import ChosenCase, Criteria, choose_cases
from zhizhi.store.placements.proposing import NewBatch, note_approval, write_batch
from zhizhi.store.placements.reads import agency_names
from zhizhi.store.placements.words import AGENCIES_MAX, CASES_MAX, HAND_MAX, TERM_DAYS_MAX
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN, Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.placements.act import PLACEMENT, require_fit
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day


@dataclass(frozen=True, slots=True)
class ProposeBatch:
    """Cases of a lender, so chosen, to these agencies in equal lots until a day, as this hand."""

    lender_id: int
    criteria: Criteria
    agency_ids: tuple[int, ...]
    hand: int
    term_days: int
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be proposed: lots by agency in the order in which agencies were named, and what is left out by why."""

    due_on: date
    lots: tuple[tuple[int, tuple[ChosenCase, ...]], ...]
    left_out: Counter[str]


def preview_batch(command: ProposeBatch, at: datetime) -> Preview:
    """The batch as it would be proposed now; nothing is written.

    A case that one of the agencies may not have goes to none of them: all get cases of the same kind.
    Refuses: NotAllowed, terms out of bounds, an agency that is not fit, no assessment.
    """
    require(command.by, Right.ASK_PLACEMENT, lender_id=command.lender_id)
    due_on = _checked(command, at)
    require_fit(command.lender_id, list(command.agency_ids), due_on, at)
    left_out: Counter[str] = Counter()
    fit: list[ChosenCase] = []
    for case in choose_cases(command.lender_id, command.criteria):
        barriers = [one for agency in command.agency_ids for one in case_barriers(case.facts, agency, command.hand)]
        if barriers:
            left_out[barriers[0].value] += 1
        else:
            fit.append(case)
    return Preview(due_on, tuple(zip(command.agency_ids, _cut(fit, len(command.agency_ids)), strict=True)), left_out)


def propose_batch(command: ProposeBatch, at: datetime) -> int:
    """Write the batch and ask for its approval; answers the request. Refuses: as `preview_batch`; nothing to place, a
    ground that is too short or holds a number."""
    preview = preview_batch(command, at)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if not any(cases for _, cases in preview.lots):
        raise UseCaseRefused("no_cases", Text("没有符合条件且可委的案件", "no case fits and may be placed"))
    new = NewBatch(
        lender_id=command.lender_id,
        hand=command.hand,
        due_on=preview.due_on,
        criteria=command.criteria.to_document(),
        left_out=preview.left_out,
        ground=ground,
        lots=dict(preview.lots),
        by=command.by,
    )
    batch_id = write_batch(new, at)
    names = agency_names(command.agency_ids)
    lots = [
        {"agency": agency, "name": names[agency], "cases": len(cases), "balance_minor": _balance(cases)}
        for agency, cases in preview.lots
    ]
    request = {"batch": batch_id, "digest": new.digest().hex(), "hand": command.hand, "lots": lots}
    request["due_on"] = preview.due_on.isoformat()
    approval_id = ask(PLACEMENT, Ask(request, ground, command.by, command.lender_id), at)
    note_approval(batch_id, approval_id)
    return approval_id


def _checked(command: ProposeBatch, at: datetime) -> date:
    agencies = command.agency_ids
    if not 1 <= len(agencies) <= AGENCIES_MAX or len(set(agencies)) != len(agencies):
        text = Text(f"请选择 1 至 {AGENCIES_MAX} 家机构", f"help: choose 1 to {AGENCIES_MAX} agencies")
        raise UseCaseRefused("bad_agencies", text, "agencies")
    if not 1 <= command.hand <= HAND_MAX:
        text = Text(f"手别为 1 至 {HAND_MAX}", f"the hand is 1 to {HAND_MAX}")
        raise UseCaseRefused("bad_hand", text, "hand")
    if not 1 <= command.term_days <= TERM_DAYS_MAX:
        text = Text(f"委案期为 1 至 {TERM_DAYS_MAX} 天", f"the term is 1 to {TERM_DAYS_MAX} days")
        raise UseCaseRefused("bad_term", text, "term_days")
    if not 1 <= command.criteria.most <= CASES_MAX:
        text = Text(f"每批 1 至 {CASES_MAX} 件", f"a batch has 1 to {CASES_MAX} cases")
        raise UseCaseRefused("bad_most", text, "most")
    if command.criteria.days_from > command.criteria.days_until:
        text = Text("逾期天数的起点大于终点", "the age begins after it ends")
        raise UseCaseRefused("bad_days", text, "days_from")
    return civil_day(at) + timedelta(days=command.term_days)


def _cut(cases: Sequence[ChosenCase], lots: int) -> list[tuple[ChosenCase, ...]]:
    known = {case.case_id: case for case in cases}
    to_place = [
        CaseToPlace(case.case_id, case.balance_minor, (age_band(case.days_past_due), case.product, case.zone))
        for case in cases
    ]
    return [tuple(known[case_id] for case_id in lot.case_ids) for lot in cut_into_lots(to_place, lots)]


def _balance(cases: Sequence[ChosenCase]) -> int:
    return sum(case.balance_minor for case in cases)
