"""How generated text reads each feature: plain attributes where a feature is one, a short function where it is not.

A feature that is not on this page is asked of the reference's record: slower, and never another answer.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from zhizhi.core.conduct.case import Debt
from zhizhi.core.conduct.compiled.glance import Glance, state_at_all_times
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.said import end_of
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.compiled import Way
from zhizhi.core.law.features import Value

PROFESSIONAL = frozenset({"attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau"})
LIABLE_ON_EVIDENCE = frozenset({"co_borrower", "guarantor", "spouse"})
Shape = tuple[str, str, str, bool, str, str, bool, str | None, frozenset[str] | None]
"""What one programme is for: plain facts of the contact that hold at every instant and by which most rules drop out."""

ASK_THE_RECORD = Way("value(NAME)", hoisted=False)

PRELUDE: Mapping[str, str] = {
    "case": "glance.case",
    "proposed": "glance.proposed",
    "party": "glance.party",
    "point": "glance.point",
    "facts": "glance.case.facts",
    "collector": "glance.case.collector",
    "person": "glance.case.collector.person",
    "kinds": "glance.kinds",
    "value": "Record(glance, at).value",
}
"""Local names of generated text, in the order in which they may be needed."""


def _proposed(key: str, *, sure: bool = False) -> Way:
    return Way(f"proposed.{key}", sure=sure, timeless=True)


_STATEMENTS: Mapping[str, str] = {
    "contact.at_inconvenient_place": "inconvenient_place",
    "contact.at_prohibited_work": "employer_prohibits",
    "party.refused": "refuse_contact cease",
    "party.refused_channel": "refuse_medium",
    "party.refusal_confirmed": "refuse_contact cease refuse_medium refuse_point",
    "party.offered_to_pay": "offer_to_pay",
    "point.refused": "refuse_point",
    "point.objected": "object_use",
    "debts.claimed_paid": "claims_paid",
    "debtor.represented": "represented_by_attorney",
    "visit.consented": "consent_visit",
    "entry.consented": "consent_entry",
    "entry.employer_consented": "consent_entry",
    "callback.requested": "request_callback",
    "callback.timed": "request_callback",
}
"""Features that are false where nobody made a statement of these kinds."""
_SURE_OF_STATEMENTS = frozenset(
    ["party.refused", "party.refused_channel", "party.offered_to_pay", "debts.claimed_paid", "debtor.represented"]
)


def _guarded(name: str, kinds: str) -> Way:
    tests = " and ".join(f"{kind!r} not in kinds" for kind in kinds.split())
    return Way(f"(False if {tests} else value(NAME))", sure=name in _SURE_OF_STATEMENTS, hoisted=False)


WAYS: Mapping[str, Way] = {
    "contact.channel": _proposed("channel", sure=True),
    "contact.form": _proposed("form", sure=True),
    "contact.robot": _proposed("robot", sure=True),
    "contact.purpose": _proposed("purpose", sure=True),
    "contact.continues": Way("glance.continues", sure=True, timeless=True),
    "contact.replies": Way("glance.replies", sure=True, timeless=True),
    "contact.reminder": Way("proposed.purpose == 'remind' and glance.not_due(glance.debts, at)", sure=True),
    "contact.first": Way("glance.first_out_at is None or glance.first_out_at > at", sure=True),
    "contact.discloses_debt": _proposed("discloses_debt"),
    "contact.identifies_collector": _proposed("identifies_collector"),
    "contact.names_principal": _proposed("names_principal"),
    "contact.recording": _proposed("recording"),
    "contact.team_size": _proposed("team_size"),
    "contact.id_shown": _proposed("id_shown"),
    "contact.place": Way("proposed.place or (point.place if point is not None else None)", timeless=True),
    "contact.enters_premises": _proposed("enters_premises"),
    "contact.content": _proposed("content"),
    "party.role": Way("party.role", sure=True, timeless=True),
    "party.owes": Way("(party.liability_evidence if party.role in LIABLE_ON_EVIDENCE else value(NAME))", hoisted=False),
    "party.named_by_debtor": Way("party.named_by_debtor", timeless=True),
    "point.source": Way("point.source if point is not None else None", timeless=True),
    "point.misdirected": Way("point is not None and point.misdirected is True", sure=True, timeless=True),
    "collector.kind": Way("collector.kind", sure=True, timeless=True),
    "collector.listed": Way("collector.listed", timeless=True),
    "collector.evaluated_on": Way("collector.evaluated_on", timeless=True),
    "collector.inspected_on": Way("collector.inspected_on", timeless=True),
    "collector.contract_running": Way(
        "None if collector.contract_ends_on is None else day <= collector.contract_ends_on"
    ),
    "collector.trained_on": Way("person.trained_on if person is not None else None", timeless=True),
    "collector.person_acts": Way("person is not None or not proposed.robot", sure=True, timeless=True),
    "collector.private_device": Way("person.private_device if person is not None else None", timeless=True),
    "collector.private_device_approved": Way(
        "person.private_device_approved if person is not None else None", timeless=True
    ),
    "debtor.state": Way("glance.states(case.debtor_states, at)", sure=True),
    "case.complaint_open": Way("facts.complaint_open", sure=True, timeless=True),
    "case.no_contact_order": Way(
        "facts.no_contact_order_until is not None and is_before(at, facts.no_contact_order_until, glance)", sure=True
    ),
    "case.hardship": Way("facts.hardship_until is not None and is_before(at, facts.hardship_until, glance)", sure=True),
    **{name: _guarded(name, kinds) for name, kinds in _STATEMENTS.items()},
}
assert WAYS.keys() <= FEATURES.keys(), "a feature that is not in the catalogue"


_DISPUTED_BY_STATEMENT = Way(
    "(False if 'dispute' not in kinds and 'denies_debt' not in kinds else value(NAME))", sure=True, hoisted=False
)
"""Whether a debt is disputed, where its state says that it is not."""


def is_before(at: datetime, until: object, glance: Glance) -> bool:
    """Whether a span that ends so is still running."""
    end = end_of(until, glance.zone)  # type: ignore[arg-type]  # a date or an instant, as the case has it
    return end is not None and at < end


CALLED: Mapping[str, object] = {"Record": Record, "is_before": is_before, "LIABLE_ON_EVIDENCE": LIABLE_ON_EVIDENCE}
"""What generated text may call or look into, by name."""


def way_of(name: str, shape: Shape) -> Way:
    """How a feature of contacts of a shape is read."""
    if name == "debts.disputed" and shape[-1] is not None:
        return _DISPUTED_BY_STATEMENT
    return WAYS.get(name, ASK_THE_RECORD)


def shape_of(glance: Glance) -> Shape:
    """The shape of a contact."""
    case, proposed = glance.case, glance.proposed
    return (
        proposed.channel,
        proposed.form,
        proposed.purpose,
        glance.continues,
        glance.party.role,
        case.collector.kind,
        bool(case.statements),
        state_at_all_times(case.debtor_states),
        _debt_states(glance.debts),
    )


def _debt_states(debts: tuple[Debt, ...]) -> frozenset[str] | None:
    """The states of the debts where each has one that is always there."""
    if len(debts) == 1:
        return _only(state_at_all_times(debts[0].states))
    states = [state_at_all_times(debt.states) for debt in debts]
    return None if None in states else frozenset(state for state in states if state is not None)


@lru_cache(maxsize=64)
def _only(state: str | None) -> frozenset[str] | None:
    return None if state is None else frozenset({state})


def known_of(shape: Shape) -> dict[str, Value]:
    """The features that a shape settles, whatever the rest of the case and whenever it is asked."""
    channel, form, purpose, continues, role, kind, has_statements, debtor, debts = shape
    known: dict[str, Value] = {
        "contact.channel": channel,
        "contact.form": form,
        "contact.purpose": purpose,
        "contact.continues": continues,
        "party.role": role,
        "party.professional": role in PROFESSIONAL,
        "collector.kind": kind,
    }
    if role == "debtor":
        known["party.owes"] = True
    elif role not in LIABLE_ON_EVIDENCE and role not in ("heir", "guardian"):
        known["party.owes"] = False
    if purpose != "remind":
        known["contact.reminder"] = False
    if debtor is not None:
        known["debtor.state"] = frozenset({debtor})
    if not has_statements:
        known.update(dict.fromkeys(_STATEMENTS, False))
    if debts is not None:
        known["debts.state"] = debts
        if "disputed" in debts or not has_statements:
            known["debts.disputed"] = "disputed" in debts
    if channel != "voice" or purpose != "answer_request":
        known["callback.requested"] = known["callback.timed"] = False
    return known
