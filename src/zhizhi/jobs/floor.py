"""The simulated floor of the demonstration: collectors who call synthetic borrowers on a declared clock.

It takes permits like everybody else and dials nobody; borrowers answer by the behaviour model of the synthetic book,
and the collectors write what came of it.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.gateways.generator.behaviour import CallOutcome, answer
from zhizhi.store.cases.calling import CallingCase, load_calling
from zhizhi.store.channels import FLOOR
from zhizhi.store.transact.claims import CLAIM_MAX, Claimed
from zhizhi.store.transact.deliveries import Settled, settle
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.zones import civil_day

SEED = 20260301
WRAP_UP = timedelta(seconds=15)
PERCENT = 100
FOLLOW_UP_AT = time(10, 0)


class Floor:
    """Works the calls that a declared day permits."""

    def __init__(self, worker: str) -> None:
        self._worker = worker

    def drain(self, at: datetime) -> int:
        """Make the calls that are due; answers how many."""
        done = 0
        while claimed := claim_contacts([FLOOR], at, self._worker, limit=CLAIM_MAX, origin="declared"):
            self._work(claimed, at)
            done += len(claimed)
        return done

    def _work(self, claimed: Sequence[Claimed], at: datetime) -> None:
        midnight = datetime.combine(civil_day(at), time(0), BEIJING)
        cases = load_calling([one.person_id for one in claimed], midnight)
        answers = {one.person_id: _answer(one, cases.get(one.person_id), at) for one in claimed}
        settle([_settled(one, cases.get(one.person_id), answers[one.person_id], at) for one in claimed])
        for one in claimed:
            case = cases.get(one.person_id)
            if case is not None and case.collector_id is not None:
                _wrap_up(one.person_id, case, case.collector_id, answers[one.person_id], at)


def _answer(claimed: Claimed, case: CallingCase | None, at: datetime) -> CallOutcome:
    days = case.days_past_due if case else 0
    attempts = case.attempts_today if case else 0
    return answer(claimed.subject.hex, SEED, at, "voice", attempts_today=attempts, dpd=max(days, 1))


def _settled(claimed: Claimed, case: CallingCase | None, told: CallOutcome, at: datetime) -> Settled:
    facts = {
        "ring_seconds": told.ring_seconds,
        "line_result": told.line_result,
        "talk_seconds": told.talk_seconds,
        "exchanged": told.exchanged,
        "about_debt": bool(told.right_party),
    }
    staff_id = case.collector_id if case else None
    ended_at = at + timedelta(seconds=told.ring_seconds + told.talk_seconds)
    return Settled(claimed, "delivered", ended_at, told.outcome, facts=facts, staff_id=staff_id)


def _wrap_up(person_id: int, case: CallingCase, by: int, told: CallOutcome, at: datetime) -> None:
    ended_at = at + timedelta(seconds=told.ring_seconds + told.talk_seconds) + WRAP_UP
    promise = None
    if told.promised_on is not None and told.promised_share:
        promise = (max(case.arrears_minor * told.promised_share // PERCENT, 1), told.promised_on)
    outcome = "PROMISE" if promise else _code(told)
    step_day = told.promised_on if promise and told.promised_on else civil_day(at) + timedelta(days=1)
    record_note(
        RecordNote(
            person_id=person_id,
            case_id=case.case_id,
            action="CALL_OUT",
            outcome=outcome,
            overdue_reason="CASH" if told.right_party else None,
            text="（演示：模拟通话）",
            next_step="CHECK_PROMISE" if promise else "CALL",
            next_step_at=datetime.combine(step_day, FOLLOW_UP_AT, BEIJING) + timedelta(days=1 if promise else 0),
            contact_id=None,
            promise=promise,
            by=by,
        ),
        ended_at,
    )


def _code(told: CallOutcome) -> str:
    if told.right_party is None:
        return "NO_ANSWER"
    if not told.right_party:
        return "WRONG_PERSON"
    return "ASKS_PLAN" if told.exchanged else "HUNG_UP"
