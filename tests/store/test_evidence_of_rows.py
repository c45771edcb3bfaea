"""What fsck finds: nothing after an honest day, and every row that somebody altered or removed in the database."""

from datetime import timedelta

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, recorded_call, rows, talk
from housework import NO_SMS, activated, open_owner, write_house
from zhizhi.core.evidence.fsck import Finding, check_history, compare
from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind
from zhizhi.gateways.permit import Failed, FailureKind, PermitGrant, SendOutcome, Sent, Unknown
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.evidence.log import open_log
from zhizhi.store.evidence.sources import SOURCES
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.store.transact.receipts import Reported, record_receipt
from zhizhi.store.transact.reconciling import Found, NewRun, record_failed_run
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.rule_hold import RuleHold, rule_hold
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop
from zhizhi.usecases.settle_unknown import SettleUnknown, settle_unknown

pytestmark = pytest.mark.usefixtures("store")


def findings() -> list[Finding]:
    """Compare the rows with the log, as `zhizhi evidence fsck` does without a published copy."""
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = list(check_history(log.entries(), log.notes(), log.verifiers()))
        return found + list(compare(log.stored_leaves(), iter([None] * size), log.object_digest))


@pytest.fixture(scope="module")
def worked(store: str, tmp_path_factory: pytest.TempPathFactory) -> Borrower:
    """A day with something of every kind that leaves a leaf, with later leaves about earlier rows."""
    lender = make_lender()
    by, head = make_staff("collector", "supervisor", lender, 50).pk, make_staff("head", "head", lender).pk
    who, other = (make_borrower(lender, n, due_on=TEN.date() - timedelta(days=14)) for n in (1, 2))
    run_day(RunDay(lender.pk, TEN.date(), "declared"), TEN, lambda _at: None, lambda *_: None)
    answers: dict[int, SendOutcome] = {0: Sent("m0"), 1: Failed(FailureKind.PERMANENT, "bad", Text("坏", "bad"))}

    def answer(grant: PermitGrant) -> SendOutcome:
        del grant
        return answers.get(len(channel.sent) - 1, Unknown("silent", Text("无", "none")))

    channel = ToldChannel(answer=answer)
    outbox = Outbox({"sink": {"sms": channel}}, "test", monotonic=lambda: 0.0)
    for n in range(3):
        propose_sms(who, by, TEN + n * MINUTE)
        outbox.drain(TEN + n * MINUTE)
    record_receipt(Reported("sink", "m0", "undelivered", TEN + 4 * MINUTE), TEN + 4 * MINUTE)
    record_receipt(Reported("sink", "m0", "delivered", TEN + 4 * MINUTE), TEN + 5 * MINUTE)
    unknown = rows("SELECT id FROM delivery WHERE state = 'unknown'")[0][0]
    settle_unknown(
        SettleUnknown(who.person, unknown, True, "sent", "运营商账单有此条", by, reference="LOG-1"), TEN + 6 * MINUTE
    )
    talk(who, by, TEN + 10 * MINUTE)
    recorded_call(who, by, TEN + 13 * MINUTE, tmp_path_factory.mktemp("objects"))
    propose_call(who, by, TEN + 20 * MINUTE)
    cancel_expired(TEN + 40 * MINUTE)
    at = TEN + 41 * MINUTE
    case_id = rows("SELECT id FROM collection_case WHERE person_id = %s", who.person)[0][0]
    note = RecordNote(
        who.person, case_id, "CALL_OUT", "PROMISE", None, "好", "CALL", at + MINUTE, None, (5, at.date()), by
    )
    record_note(note, at)
    record_payment(RecordPayment(who.person, who.debt, 100, at.date(), "R1", "test", by), at)
    record_statement(RecordStatement(who.person, who.party, "agree_hours", HOURS, by), at)
    stop = set_stop(SetStop(who.person, "hardship", None, "hospital stay", at + timedelta(days=9), by), at)
    lift_stop(LiftStop(who.person, stop, "left the hospital", by), at + MINUTE)
    set_stop(SetStop(who.person, "complaint", None, "letter of 1 March", None, by), at + 2 * MINUTE)
    record_statement(RecordStatement(other.person, other.party, "represented_by_attorney", {}, by), at)
    held = propose_sms(other, by, at + MINUTE)
    assert held.hold_id is not None, held.decision
    assert propose_sms(other, by, at + 2 * MINUTE).hold_id == held.hold_id
    ruling = RuleHold(other.person, held.hold_id, True, "律师书面同意联系", at + timedelta(days=2), ("sms",), head)
    rule_hold(ruling, at + 3 * MINUTE)
    late = NewRun(lender.pk, "line", "线路", "carrier", at.date(), "Asia/Shanghai", at, at + timedelta(days=5))
    record_failed_run(late, "late", Found((Kind.FILE_LATE,), b"late", {}), None, at + 3 * MINUTE)
    open_owner(store)
    house = write_house(tmp_path_factory.mktemp("house"), NO_SMS)
    activated(lender.code, lender.profile, house, "head", at + 3 * MINUTE)
    sequence_all(at + 4 * MINUTE)
    return who


HOURS = {"from": "09:00", "to": "21:00", "form": "specific"}


def test_after_an_honest_day_nothing_is_found(worked: Borrower) -> None:
    assert worked
    assert findings() == []


def test_every_kind_of_row_stands_in_the_log(worked: Borrower) -> None:
    assert worked
    tables = {row[0] for row in rows("SELECT DISTINCT source_table FROM leaf WHERE source_table IS NOT NULL")}
    elsewhere = {
        "recording_erasure",  # takes years: tests/store/test_erasing_recordings.py
        "contradiction",  # tests/web/test_contradicted.py
        "person_view",  # tests/web/test_viewed.py
        "incident",  # tests/web/test_incidents.py
        "incident_fact",
        "sign_in_act",  # tests/web/test_sign_in.py
        "unmasking",  # tests/store/test_unmasking.py
        "staff_change",  # tests/store/test_staff_changes.py
        "canary_alarm",  # tests/store/test_canaries.py
        "export",  # tests/store/test_exports.py
        "relief",  # tests/store/test_relief.py
        "remittance",  # tests/store/test_remittances.py
        "refund",
        "debit_mandate",  # tests/store/test_debits.py
        "debit_attempt",
        "core_difference",  # tests/store/test_core_differences.py
        "staff_skill",  # tests/store/test_assignment_rows.py
        "staff_absence",
        "barred_collector",
        "reserved_negotiation",
        "placement",  # tests/store/test_placements.py
        "placement_extension",
        "commission_statement",  # tests/store/test_commission.py
        "commission_dispute",
        "certificate",  # tests/store/test_certificates.py
        "outbound_step",  # tests/store/test_outbound_numbers.py
        "carrier_filing",  # tests/store/test_filings.py
        "wording_recall",  # tests/store/test_wording_recall.py
        "person_request",  # tests/store/test_person_requests.py
        "court_file",  # tests/store/test_litigation.py
        "court_step",
        "court_fee",
        "creditor_change",  # tests/store/test_creditors.py
        "creditor_notice",
        "credit_objection",  # tests/store/test_objections.py
        "credit_message",
        "debt_fact",  # tests/store/test_consequences.py
        "bulk_stop",  # tests/store/test_bulk_stops.py
        "residence",
        "quality_draw",  # tests/store/test_quality.py
        "quality_review",
    }
    assert tables == set(SOURCES) - elsewhere


ALTERED = {
    "a refusal becomes a permit": "UPDATE decision SET body = jsonb_set(body, '{verdict}', '\"permit\"')"
    " WHERE verdict <> 'permit'",
    "facts of a decision": "UPDATE decision SET facts = jsonb_set(facts, '{events}', '[]')"
    " WHERE facts -> 'events' <> '[]'",
    "who asked": "UPDATE decision SET by = 'u0'",
    "a failed delivery": "UPDATE delivery SET failure = 'other' WHERE state = 'failed'",
    "a cancelled delivery that left": "UPDATE delivery SET state = 'delivered' WHERE state = 'cancelled'",
    "the time of a contact": "UPDATE contact SET at = at + interval '1 hour'",
    "the length of a talk": "UPDATE contact SET talk_seconds = 3 WHERE talk_seconds IS NOT NULL",
    "an outcome after its receipt": "UPDATE contact SET outcome = 'undelivered' WHERE outcome = 'delivered'",
    "an outcome of a call": "UPDATE contact SET outcome = 'no_answer' WHERE channel = 'voice'",
    "an amount": "UPDATE payment SET amount_minor = amount_minor + 1",
    "somebody's words": "UPDATE statement SET body = '{\"from\": \"06:00\"}' WHERE kind = 'agree_hours'",
    "when somebody spoke": "UPDATE statement SET at = at - interval '1 day'",
    "the end of a stop": "UPDATE stop SET until_at = now() WHERE kind = 'hardship'",
    "a stop that nobody lifted": "UPDATE stop SET lifted_at = now() WHERE kind = 'complaint'",
    "a lifted stop in force again": "UPDATE stop SET lifted_at = NULL WHERE kind = 'hardship'",
    "the ground of a lifting": "UPDATE stop SET lifted_ground = 'none' WHERE kind = 'hardship'",
    "a ruling": "UPDATE hold SET state = 'refused' WHERE state = 'released'",
    "the length of a release": "UPDATE hold SET until_at = until_at + interval '1 year'",
    "a note": "UPDATE note SET outcome = 'NO_ANSWER'",
    "an approved wording": "UPDATE template_version SET body = body || '!' WHERE state = 'approved'",
    "an active strategy": "UPDATE strategy_version SET body = body || '#' WHERE state = 'active'",
    "the figures of a run": "UPDATE run SET counts = '{}'",
    "what an inquiry is about": "UPDATE breach_inquiry SET kind = 'rows_unreadable'",
    "how a call ended": "UPDATE live_call SET talk_seconds = 3",
    "on what ground a house pack stands": "UPDATE house_activation SET ground = 'none'",
    "since when a house pack stands": "UPDATE house_activation SET activated_at = activated_at - interval '1 day'",
    "why a call ended": "UPDATE live_call SET ended_because = 'they_hung_up'",
    "the digest of a recording": "UPDATE recording SET sha256 = repeat('0', 64)",
    "the length of a recording": "UPDATE recording SET seconds = 1",
    "a recording that is gone": "DELETE FROM recording",
    "a decision that is gone": "DELETE FROM decision WHERE verdict <> 'permit'",
    "a contact that is gone": "DELETE FROM contact",
    "a statement that is gone": "DELETE FROM statement",
    "a stop that is gone": "DELETE FROM stop",
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_row_is_found_at_its_leaf(what: str, worked: Borrower, store: str) -> None:
    """As somebody would who owns the server: triggers and references off, and back again afterwards."""
    table = ALTERED[what].split()[2 if ALTERED[what].startswith("DELETE") else 1]
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(f"CREATE TEMPORARY TABLE kept AS SELECT * FROM {table}")  # type: ignore[arg-type]  # the test's own text
        changed = owner.execute(ALTERED[what]).rowcount  # type: ignore[arg-type]  # the test's own text
        assert changed > 0
        try:
            found = findings()
        finally:
            owner.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]  # the test's own text
            owner.execute(f"INSERT INTO {table} SELECT * FROM kept")  # type: ignore[arg-type]  # the test's own text
    assert {one.code for one in found} == {"altered_row"}
    kinds = {
        row[0] for row in rows("SELECT source_table FROM leaf WHERE position = ANY (%s)", [f.position for f in found])
    }
    assert kinds == {table}
    assert findings() == []


def test_an_erased_salt_opens_nothing_and_is_no_finding(worked: Borrower, store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM salt")
        owner.execute("DELETE FROM salt WHERE person_id = %s", [worked.person])
        try:
            assert findings() == []
        finally:
            owner.execute("DELETE FROM salt")
            owner.execute("INSERT INTO salt SELECT * FROM kept")


def test_a_row_that_changed_with_a_leaf_not_yet_numbered_is_no_finding(worked: Borrower) -> None:
    stop = rows("SELECT id FROM stop WHERE kind = 'complaint' AND person_id = %s", worked.person)[0][0]
    lift_stop(LiftStop(worked.person, stop, "answered in writing", 1), TEN + timedelta(hours=2))
    assert findings() == []
    sequence_all(TEN + timedelta(hours=2))
    assert findings() == []
