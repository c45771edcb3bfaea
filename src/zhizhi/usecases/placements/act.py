"""A batch is an act of two persons: one proposes lots, another approves, and with that the cases are handed over.

Law: S.A-10, S.A-28 (PIPL 21, 55), GB/T 45251-2025 5.4: before the first case moves.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.fitness import Barrier, agency_barriers
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.assignment.facts import Around
from zhizhi.store.lenders.rights import Right
from zhizhi.store.placements.breaches import agencies_under_inquiry
from zhizhi.store.placements.choosing import is_assessed, load_agency_facts
from zhizhi.store.placements.ending import cases_with
from zhizhi.store.placements.handing import BatchHead, hand_over, load_batch
from zhizhi.store.transact.assigning import assigning, reflow
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day


def require_fit(lender_id: int, agency_ids: list[int], due_on: date, at: datetime) -> None:
    """Whether agencies may get cases at all until a day. Refuses: no assessment, an agency that is not fit."""
    if not is_assessed(lender_id, at):
        raise UseCaseRefused("no_assessment", Barrier.NO_ASSESSMENT.label)
    known, suspected = load_agency_facts(agency_ids), agencies_under_inquiry(lender_id, agency_ids)
    for agency_id in agency_ids:
        if agency_id not in known:
            raise UseCaseRefused("no_agency", Text("没有该委外机构", "there is no such agency"), "agencies")
        facts = replace(known[agency_id], is_under_inquiry=agency_id in suspected)
        barriers = agency_barriers(facts, civil_day(at), due_on)
        if barriers:
            first = barriers[0]
            raise UseCaseRefused(first.value, first.label, "agencies")


def _yuan(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02d}"


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    lots = (
        Change(
            Text(lot["name"], lot["name"]),
            Text(
                f"{lot['cases']} 件，{_yuan(lot['balance_minor'])}",
                f"{lot['cases']} cases, {_yuan(lot['balance_minor'])}",
            ),
        )
        for lot in request["lots"]
    )
    batch, hand, due_on = request["batch"], request["hand"], request["due_on"]
    return (
        Change(Text("批次", "batch"), Text(f"第 {batch} 批", f"no. {batch}")),
        Change(Text("手别", "hand"), Text(f"第 {hand} 手", f"hand {hand}")),
        Change(Text("到期日", "last day"), Text(due_on, due_on)),
        *lots,
        Change(Text("案件清单摘要", "digest of the list of cases"), Text(request["digest"], request["digest"])),
    )


def _carry_out(standing: Standing, at: datetime) -> None:
    request, lender_id = standing.wanted.request, standing.wanted.lender_id
    assert lender_id is not None, "asked for a lender"
    assigning()  # before any row of the batch: its cases find their collectors in the same transaction
    batch = load_batch(int(request["batch"]))
    _require_same(batch, request, lender_id)
    assert batch is not None, "looked at just now"
    require_fit(lender_id, list(batch.agency_ids), batch.due_on, at)
    hand_over(batch, standing.id, at)
    placed = [case_id for agency in batch.agency_ids for _, case_id in cases_with(lender_id, agency, batch.id)]
    reflow(civil_day(at), at, None, Around(case_ids=tuple(placed)))


def _require_same(batch: BatchHead | None, request: Mapping[str, Any], lender_id: int) -> None:
    if batch is None or batch.lender_id != lender_id or batch.digest != request["digest"] or batch.is_handed_over:
        text = Text("批次与申请不符，或已移交", "the batch is another than was asked for, or was handed over")
        raise UseCaseRefused("other_batch", text)


PLACEMENT = Act(
    "placement",
    Text("委案移交", "hand cases over to agencies"),
    Right.ASK_PLACEMENT,
    Right.APPROVE_PLACEMENT,
    _tell,
    _carry_out,
)
