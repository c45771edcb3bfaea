"""What people say: promises, wishes about time and medium, disputes, complaints; and the notes of collectors."""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING

from zhizhi.gateways.generator.behaviour import Behaviour, CallOutcome
from zhizhi.gateways.generator.casework import Casework, instant
from zhizhi.gateways.generator.organisation import PRIVATE_ACCOUNT, Row
from zhizhi.gateways.generator.seasons import iso, month_day, month_of
from zhizhi.gateways.generator.servicing import Plan
from zhizhi.gateways.generator.streams import Dice, chance

if TYPE_CHECKING:
    from zhizhi.gateways.generator.floor import Shift

WISHES = ("refuse_sms", "agree_hours", "inconvenient_time", "refuse_contact", "dispute", "consent_visit")
REASONS = ("income_lost", "income_late", "business_slow", "illness", "family", "forgot", "disagrees", "several_debts")
_DISPUTES: tuple[Row, ...] = (
    {"kind": "denies_debt", "why": "fraud"},
    {"kind": "denies_debt", "why": "amount"},
    {"kind": "dispute"},
)
_DISPUTE_DAYS, _COMPLAINT_DAYS, _CLAIM_DAYS, _AGAIN_DAYS = 20, 15, 10, 30
_UNANSWERED = {
    "no_answer": "no_answer",
    "rejected": "rejected",
    "intercepted": "intercepted",
    "off": "switched_off",
    "suspended": "suspended",
    "empty_number": "empty_number",
    "answered": "machine_or_dropped",
}


def wishes_of(behaviour: Behaviour, seed: int, person: int) -> frozenset[str]:
    """What a person will say sooner or later if somebody talks to him."""
    dice = Dice(seed, "wishes", person)
    chances = behaviour.parameters.chances
    return frozenset(wish for wish in WISHES if dice.happens(chances[f"statements.{wish}"]))


def say(case: Casework, day: int, minute: int, kind: str, values: Row) -> None:
    """Record a statement; nothing is said on or after the as-of day."""
    if day < case.on:
        at = instant(day, minute, case.dice.below(60))
        case.add("statements", "T", {"at": at, "by": "debtor", "told": "creditor", "kind": kind, **values})


def note(case: Casework, shift: Shift, minute: int, contact: str, codes: tuple[str, str, str]) -> None:
    """A collector's note with its next step; the step may lie after the as-of day."""
    action, outcome, reason = codes
    nights = {"promised": 3, "refused_to_pay": 5, "wrong_person": 7}.get(outcome, 2)
    case.add(
        "notes",
        "N",
        {
            "at": instant(shift.day, min(minute, 21 * 60 + 29)),
            "by": shift.by,
            "contact_id": contact,
            "action_code": action,
            "outcome_code": outcome,
            "overdue_reason_code": reason,
            "next_step": "check_promise" if outcome == "promised" else "call_again",
            "next_step_at": instant(shift.day + nights, 10 * 60),
        },
    )


def unanswered_code(told: CallOutcome) -> str:
    """The outcome code of a note for a dial that reached nobody."""
    return _UNANSWERED[told.line_result]


def record_plan(case: Casework, plan: Plan, each: int) -> None:
    """The plan of the leading account."""
    month, day = month_of(plan.agreed)
    case.add(
        "plans",
        "L",
        {
            "agreed_on": iso(plan.agreed),
            "months": plan.months,
            "instalment_minor": each,
            "first_due_on": iso(month_day(month + 1, day)),
            "paid_instalments": plan.paid,
            "state": "broken" if plan.broken else ("completed" if plan.paid == plan.months else "performing"),
            "broken_on": iso(plan.broken) if plan.broken else "",
        },
    )


def unsubscribe(case: Casework, day: int, minute: int, sent: str) -> None:
    """An answer of 退订 to a text message: the medium is refused at once."""
    reply = case.add(
        "contacts",
        "K",
        {
            "at": instant(day, minute),
            "channel": "sms",
            "direction": "in",
            "party": "debtor",
            "point": "m1",
            "purpose": "answer_request",
            "outcome": "received",
            "in_reply_to": sent,
            "by": "SYSTEM",
            "about_debt": "false",
            "robot": "false",
            "form": "notification",
        },
    )
    case.refused.add("sms")
    say(case, day, minute, "refuse_medium", {"channel": "sms", "contact_id": reply})


def stranger(case: Casework, day: int, minute: int, contact: str) -> None:
    """Somebody else answers: the second time the new owner of the number objects, and it is dialled no more."""
    if case.strangers == 2 and "m1" not in case.refused:
        case.refused.update({"m1", "sms"})
        say(case, day, minute + 1, "object_use", {"by": "o1", "of": "m1", "contact_id": contact})


def right_party(behaviour: Behaviour, case: Casework, shift: Shift, minute: int, contact: str) -> None:
    """A talk with the person: perhaps a promise, perhaps a wish; a note in any case."""
    reason = REASONS[case.dice.below(len(REASONS))]
    promised = _promise(behaviour, case, shift, minute, contact)
    note(case, shift, minute + 6, contact, ("call_own", "promised" if promised else "refused_to_pay", reason))
    if not case.spoken:
        case.spoken = True
        _speak_wishes(case, shift, minute, contact)
    if "consent_visit" in case.wishes and shift.age >= 61:
        _consent_visit(case, shift, minute, contact)
    if promised and shift.by == PRIVATE_ACCOUNT and case.dice.below(5) == 0:
        _paid_elsewhere(case, shift.day + case.dice.between(1, 4))


def _promise(behaviour: Behaviour, case: Casework, shift: Shift, minute: int, contact: str) -> bool:
    horizon, chances, dice = behaviour.horizon, behaviour.promising(shift.age), case.dice
    pays = 0 < shift.pays_in <= horizon
    if not dice.happens(chances.promises_if_pays if pays else chances.promises_if_not):
        return False
    days = dice.between(shift.pays_in, horizon) if pays else dice.between(1, horizon)
    due, account = shift.day + days, case.account
    status = "kept" if pays else ("broken" if due < case.on else "open")
    case.add(
        "promises",
        "R",
        {
            "made_at": instant(shift.day, minute),
            "contact_id": contact,
            "amount_minor": account.principal_of(account.entry_n or 1) + account.interest_of(account.entry_n or 1),
            "due_on": iso(due),
            "status": status,
            "settled_on": iso(shift.day + shift.pays_in) if pays else "",
        },
    )
    return True


def _speak_wishes(case: Casework, shift: Shift, minute: int, contact: str) -> None:
    """The wishes of the person, said in the first talk; the floor keeps to them from the next day on."""
    day, wishes, dice = shift.day, case.wishes, case.dice
    told: Row = {"contact_id": contact}
    if "agree_hours" in wishes:
        first = (9, 12, 18)[dice.below(3)]
        say(
            case,
            day,
            minute + 2,
            "agree_hours",
            {"from": f"{first:02d}:00", "to": f"{first + 2:02d}:30", "form": "specific", **told},
        )
        case.window = (first * 60, first * 60 + 120)
    elif "inconvenient_time" in wishes:
        first = (8, 12, 14)[dice.below(3)]
        say(
            case, day, minute + 2, "inconvenient_time", {"from": f"{first:02d}:00", "to": f"{first + 3:02d}:00", **told}
        )
        case.bad_span = (first * 60, first * 60 + 180)
    if "refuse_contact" in wishes:
        say(case, day, minute + 3, "refuse_contact", told)
        case.refused.update({"calls", "sms", "app"})
    if "dispute" in wishes:
        chosen = _DISPUTES[dice.below(len(_DISPUTES))]
        say(case, day, minute + 4, str(chosen["kind"]), {**{k: v for k, v in chosen.items() if k != "kind"}, **told})
        case.stop("dispute", day + 1, day + _DISPUTE_DAYS, "objection")


def _consent_visit(case: Casework, shift: Shift, minute: int, contact: str) -> None:
    """The person agrees to one visit at home, four days on, knowing why and what may follow."""
    case.wishes -= {"consent_visit"}
    said: Row = {"place": "home", "purpose_told": "true", "consequences_told": "true", "on": iso(shift.day + 4)}
    say(case, shift.day, minute + 4, "consent_visit", said | {"contact_id": contact})


def _paid_elsewhere(case: Casework, day: int) -> None:
    """The person paid to an account of the collector's own and says so; no payment stands in the books."""
    if day >= case.on:
        return
    account = case.account
    amount = account.principal_of(account.entry_n or 1) + account.interest_of(account.entry_n or 1)
    case.planted.add("private_account")
    say(
        case, day, 15 * 60, "claims_paid", {"amount_minor": amount, "paid_on": iso(day), "proof": "transfer_screenshot"}
    )
    case.stop("claims_paid", day, day + _CLAIM_DAYS, "proof_of_payment")


def maybe_complain(behaviour: Behaviour, case: Casework, day: int, contact: str) -> None:
    """A complaint after a contact: rarer after one, more often with each further contact within the week."""
    parameters, dice = behaviour.parameters, case.dice
    recent = sum(1 for earlier in case.talks if day - earlier < 7)
    shares = parameters.shares
    share = shares["complaints.after_contact"] + recent * shares["complaints.each_further_contact_in_week"]
    patience = Decimal(50 + case.truth.sensitivity) / 100
    if not dice.happens(chance(share * patience)) or (case.complained_on and day - case.complained_on < _AGAIN_DAYS):
        return
    case.complained_on = day
    through_agent = dice.happens(parameters.chances["complaints.through_agents"])
    papers = "agent_template" if through_agent else "none"
    digest = blake2b(b"agent template 1", digest_size=8).hexdigest() if through_agent else ""
    said = day + 1
    say(
        case,
        said,
        dice.between(9 * 60, 17 * 60),
        "complain",
        {
            "source": parameters.complaint_sources.pick(dice.word()),
            "through_agent": "true" if through_agent else "false",
            "template_digest": digest,
            "papers": papers,
            "contact_id": contact,
        },
    )
    case.stop("complaint", said, said + _COMPLAINT_DAYS, "complaint_under_review")
