"""How a debt and a person stand after what was said and done: collection ceased, a dispute open, already spoken with.

Law: 12 CFR 1006.6(c), 1006.10(c), 1006.30(a), 1006.38, as rows US-10, US-15, US-28 and US-32 read them. Each answer is
a feature: true, false, or None where the case does not say.
"""

from collections.abc import Iterator
from datetime import datetime

from zhizhi.core.conduct.case import COLLECTOR_ITSELF, CREDITOR, Debt, Event
from zhizhi.core.conduct.counts import COUNTERS
from zhizhi.core.conduct.keys import SHARES
from zhizhi.core.conduct.said import Stood, start_of
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import day_in

_SPEAK_FOR_THE_DEBT = frozenset({"debtor", "co_borrower", "guarantor", "spouse", "guardian", "heir", "attorney"})
_LEFT_UNSAID = frozenset({"voicemail_limited", "voicemail_full"})


def ceased(view: View, at: datetime) -> bool:
    """Whether somebody who answers for the debt, or an attorney, asked in writing to stop, or refused to pay."""
    return any(said.by in _speakers(view) for said in view.said.standing("cease", at))


def unverified(view: View, at: datetime) -> bool | None:
    """Whether a debt of the contact was disputed in writing within its validation period and not verified since.

    Boundary: while no end of the period is known it has not ended. Whether a denial was written nobody knows.
    """
    found = [_dispute_open(view, debt, at) for debt in view.debts]
    return True if True in found else None if None in found else False


def spoken_with(view: View, at: datetime) -> bool | None:
    """Whether somebody spoke with the debtor about every debt of the contact.

    Boundary: a talk that dropped is none here, in either reading: what it would do is permit.
    """
    of_debts = []
    for debt in view.debt_keys:
        parts = [
            _both(COUNTERS["talks"](event, view, 0), SHARES["debt"](view, event, "talks", debt)[0])
            for event in view.every["talks"]
            if event.party in view.debtors and event.at <= at and event.outcome != "answered_dropped"
        ]
        of_debts.append(True if True in parts else None if None in parts else False)
    return False if False in of_debts else None if None in of_debts else True


def told_before(view: View, at: datetime) -> bool | None:
    """Whether an earlier contact conveyed something to the party. Reading: strict counts those of other collectors."""
    own = view.case.collector.id
    found = [
        _conveyed(view, event)
        for event in view.case.events
        if event.party == view.party.id
        and event.at <= at
        and (event.direction == "out" or event.channel == "voice")
        and (view.strict or (event.by or own) == own)
    ]
    return True if True in found else None if None in found else False


def _conveyed(view: View, event: Event) -> bool | None:
    """Boundary: a message of limited content conveys nothing about the debt, one that came back nothing at all."""
    if event.channel == "voice" and event.outcome != "voicemail_debt":
        return COUNTERS["talks"](event, view, 0)
    if event.outcome in _LEFT_UNSAID or event.outcome in ("undelivered", "nobody_met", "no_answer", "not_in_service"):
        return False
    return None if event.outcome is None else True


def _both(first: bool | None, second: bool | None) -> bool | None:
    return False if False in (first, second) else None if None in (first, second) else True


def _speakers(view: View) -> set[str]:
    return {party.id for party in view.case.parties if party.role in _SPEAK_FOR_THE_DEBT}


def _dispute_open(view: View, debt: Debt, at: datetime) -> bool | None:
    verified = max(_verified_at(view, debt, at), default=None)
    answers: list[bool | None] = []
    for since, certain in _disputed_since(view, debt, at):
        if verified is None or (since is not None and verified < since):
            answers.append(certain)
    return True if True in answers else None if None in answers else False


def _disputed_since(view: View, debt: Debt, at: datetime) -> Iterator[tuple[datetime | None, bool | None]]:
    """When disputes began that stand, and whether each obliges to verify."""
    for speaker in _speakers(view):
        for stood in _about(view.said.stood("dispute", by=speaker), debt, at):
            in_time = debt.validation_ends_on is None or day_in(view.zone, stood.since) <= debt.validation_ends_on
            if in_time and stood.said.written is not False:
                yield stood.since, True
        for stood in _about(view.said.stood("denies_debt", by=speaker), debt, at):
            if debt.validation_ends_on is None or day_in(view.zone, stood.since) <= debt.validation_ends_on:
                yield stood.since, None
    for state in debt.states:
        if state.state == "disputed" and "disputed" in view.states((state,), at):
            yield start_of(state.since, view.zone), True


def _verified_at(view: View, debt: Debt, at: datetime) -> Iterator[datetime]:
    for sender in (COLLECTOR_ITSELF, CREDITOR):
        for stood in _about(view.said.stood("verification_sent", by=sender), debt, at):
            yield stood.since


def _about(found: list[Stood], debt: Debt, at: datetime) -> Iterator[Stood]:
    for stood in found:
        if stood.since <= at and (stood.until is None or at < stood.until) and stood.said.debt in (None, debt.id):
            yield stood
