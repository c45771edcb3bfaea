"""Duties and retention of the packs against the published cases of deadlines and retention, which know no packs."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.kernel.calendar import WorkCalendar
from zhizhi.core.law.duties import Due, due_of, duties_of, retention_of
from zhizhi.core.law.house import joined
from zhizhi.store.packs import load_law, load_pack

BEIJING = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
STEPS = {
    ("complaint", "first"): "decide_simple_complaint",
    ("complaint", "extended"): "decide_complex_complaint",
    ("complaint", "longest"): "decide_extended_complaint",
    ("complaint_pbc", "first"): "answer_complaint_pbc",
    ("complaint_pbc", "longest"): "answer_extended_complaint_pbc",
    ("pbc_forward", "forward"): "forward_complaint_pbc",
    ("recheck_request", "request"): "request_recheck",
    ("recheck", "decision"): "decide_recheck",
    ("credit_objection", "answer"): "answer_credit_objection",
    ("data_request", "target"): "answer_data_request",
    ("data_request", "due"): "answer_data_request",
    ("officer_filing", "filing"): "file_officer",
    ("payment_order_acceptance", "notice"): "accept_payment_order",
    ("payment_order_issue", "order"): "issue_payment_order",
    ("payment_order_objection", "objection"): "object_payment_order",
    ("payment_order_service", "service"): "serve_payment_order",
    ("payment_order_refusal", "refusal"): "refuse_suit",
    ("mediation_confirmation", "application"): "apply_confirmation",
    ("preservation_suit", "suit"): "sue_after_preservation",
}
ANCHORS = {
    "identity": "relationship_ended", "ledger": "transaction", "consent": "processing_ended",
    "impact_assessment": "record_made", "entrusting_log": "placement_ended", "collection_record": "case_closed",
    "oral_plan_recording": "record_made", "sms_record": "record_made", "complaint": "complaint_closed",
    "disclosure": "relationship_ended", "security_log": "record_made", "adverse_credit": "bad_event_ended",
    "contact": "contact_unneeded",
}  # fmt: skip


def published(folder: Path, operation: str) -> list[dict[str, Any]]:
    cases = json.loads((folder / "vectors/debt_cases.json").read_text(encoding="utf-8"))
    return [case for case in cases if case["op"] == operation and "out" in case["expect"]]


def calendar_of(case: dict[str, Any]) -> WorkCalendar:
    written = case.get("tables", {}).get("calendar")
    if written is None:
        return WORKDAYS_CN
    off, on = (frozenset(date.fromisoformat(day) for day in written[key]) for key in ("off", "on"))
    return WorkCalendar(off, on, None, "case")


def earliest(step: str, on: date, calendar: WorkCalendar, of_house: bool) -> Due:
    """The due day by the law, or by the house's own target."""
    law = joined(load_law("cn.bank.card"), load_pack("house.default"))
    at = datetime.combine(on, time(9, 30), tzinfo=BEIJING)
    owed = [one for one in duties_of(law, TODAY) if one.duty.do == step]
    own = [one for one in owed if one.rule.id.startswith("house.") == of_house]
    return min((due_of(one.duty, at, BEIJING, calendar) for one in own), key=lambda due: due.act_before)


def test_the_deadlines_of_the_packs_are_those_of_the_published_cases(shared):
    asked = 0
    for case in published(shared, "deadline"):
        on, calendar = date.fromisoformat(case["in"]["on"]), calendar_of(case)
        for expected in case["expect"]["out"]["dates"]:
            step = STEPS[case["in"]["kind"], expected["name"]]
            due = earliest(step, on, calendar, of_house=expected["name"] == "target")
            assert due.nominal_on == date.fromisoformat(expected["nominal"]), case["id"]
            midnight = date.fromisoformat(expected["act_by"]) + timedelta(days=1)
            assert due.act_before == datetime.combine(midnight, time(), tzinfo=BEIJING), case["id"]
            asked += 1
    assert asked >= 19


def test_the_retention_of_the_packs_is_that_of_the_published_cases(shared):
    asked = 0
    for case in published(shared, "retention"):
        for record, expected in zip(case["in"]["records"], case["expect"]["out"]["records"], strict=True):
            if record["class"] not in ANCHORS or record.get("hold_until") or record.get("hold_open"):
                continue
            profile = "cn.bank.card" if record["class"] == "oral_plan_recording" else case["in"].get("profile")
            law = load_law(profile or "cn.consumer_finance.online")
            if case["in"]["keeper"] != "lender":
                law = joined(law, load_pack("house.default"))
            days = {ANCHORS[record["class"]]: date.fromisoformat(record["anchor"])} if "anchor" in record else {}
            if "settled_on" in record:
                days["debt_settled"] = date.fromisoformat(record["settled_on"])
            kept = retention_of(law, record["class"], TODAY, keeper=case["in"]["keeper"])
            if record["class"] in ("adverse_credit", "contact"):
                got, want = kept.erase_from(days), expected["erase_from"]
            else:
                got, want = kept.keep_until(days), expected["keep_until"]
            assert (got and got.isoformat()) == want, (case["id"], record)
            asked += 1
    assert asked >= 10


@pytest.mark.parametrize("step", sorted(set(STEPS.values())))
def test_every_deadline_of_the_contract_is_a_duty_of_a_pack(step):
    law = joined(load_law("cn.bank.card"), load_pack("house.default"))
    assert any(owed.duty.do == step for owed in duties_of(law, TODAY))
