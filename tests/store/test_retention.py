"""Every table that declares how long it is kept has somebody who keeps that promise, or says why nobody has to."""

import re
import threading
from pathlib import Path

from zhizhi.core.law.duty_words import RECORDS
from zhizhi.jobs.worker import steps_of_long_work
from zhizhi.ops.retention_page import retention_page
from zhizhi.store.packs import list_profiles, load_law
from zhizhi.store.retention import FATES, Kept, declared

ROOT = Path(__file__).resolve().parents[2]
OWED = {
    *("second_factor", "recovery_code", "staff_device", "staff_session", "sign_in_act", "debt_day", "contradiction"),
    *("staff_change", "invitation", "provider_link", "provider_session"),
    *("debt", "instalment", "payment", "entry", "staff", "person", "party", "point", "former_row"),
    *("relief", "relief_part", "relief_line"),
    *("remittance", "refund", "debit_mandate", "debit_attempt", "core_difference"),
    *("commission_line", "commission_dispute", "outbound_call", "calling_target", "person_request", "certificate"),
    *("collection_case", "stop", "note", "promise", "statement", "decision", "permit", "permit_slot"),
    *("delivery", "called_off", "contact", "hold", "wish", "lease", "lease_record", "live_call", "settlement"),
    *("reconciliation_run", "breach_inquiry", "reconciliation_finding", "inquiry_step", "reconciled_edge"),
    *("staff_absence", "barred_collector", "reserved_negotiation", "residence", "quality_review"),
    *("placement", "placement_batch", "placement_extension", "placement_lot"),
    *("court_file", "court_step", "court_deadline", "court_batch_line", "court_fee"),
    *("credit_objection", "credit_message", "debt_fact", "creditor_change", "creditor_holding", "creditor_notice"),
}
"""Tables whose time ends one day and that nothing erases then. This list only ever gets shorter."""
DAYS_OR_MONTHS = re.compile(r"\b(day|days|month|months|one year)\b")


def test_every_table_has_a_fate_and_no_fate_is_of_a_table_that_is_gone() -> None:
    assert {one.table for one in declared()} == FATES.keys()


def test_every_eraser_is_a_step_that_the_worker_runs() -> None:
    steps = steps_of_long_work(ROOT, threading.Event())
    named = {fate.step for fate in FATES.values() if fate.step is not None}
    assert named <= steps.keys()
    without_table = {"erasing stray objects", "erasing browser sessions"}  # files of no row, rows of Django's own table
    assert {step for step in steps if step.startswith("erasing")} == named | without_table


def test_what_is_owed_is_said_and_gets_no_more() -> None:
    assert {table for table, fate in FATES.items() if fate.kept is not None and fate.kept.is_owed} == OWED


def test_a_time_of_days_or_months_has_an_eraser() -> None:
    """Those of years may wait for one, openly; what is to go within a year may not."""
    for one in declared():
        if DAYS_OR_MONTHS.search(one.retention) and FATES[one.table].kept is not Kept.WRITER:
            assert FATES[one.table].step is not None, one.table


def test_what_names_a_person_is_not_kept_as_a_thing_of_the_system() -> None:
    for one in declared():
        if FATES[one.table].kept is Kept.SYSTEM or FATES[one.table].kept is Kept.EVIDENCE:
            assert one.pii.startswith("none"), one.table


def test_every_record_of_the_law_is_one_that_some_rule_keeps() -> None:
    laws = [load_law(profile) for profile in list_profiles()]
    page = retention_page(laws)
    for record in {record for fate in FATES.values() for record in fate.records}:
        assert record in RECORDS
        assert page.count(f"| `{record}` ") >= 1, record


def test_the_page_is_what_make_docs_writes() -> None:
    page = (ROOT / "docs/retention.md").read_text(encoding="utf-8")
    laws = [load_law(profile) for profile in list_profiles()]
    assert page == retention_page(laws), "docs/retention.md is not what `make docs` writes"
