"""Whether a desk may have a case, and whether the one that has it keeps it."""

from collections.abc import Mapping
from datetime import date, timedelta

from zhizhi.core.assignment.facts import CaseToAssign, Desk, Terms, Why

TRAINING_HOLDS = timedelta(days=365)  # GB/T 45251-2025 5.2: at least once a year


def is_ready(desk: Desk, on: date) -> bool:
    """Whether the collector works here on a day, trained within a year, under a certificate where one ends."""
    trained = desk.trained_on is not None and desk.trained_on <= on <= desk.trained_on + TRAINING_HOLDS
    certified = desk.certified_until is None or on <= desk.certified_until
    return trained and certified and (desk.leaves_on is None or on < desk.leaves_on)


def is_away(desk: Desk, terms: Terms) -> bool:
    """Whether the collector is away for longer than briefly."""
    return any(
        absence.from_on <= terms.on <= absence.to_on and absence.days() > terms.brief_days for absence in desk.absences
    )


def fits(desk: Desk, case: CaseToAssign) -> bool:
    """Whether the desk is schooled for the queue, speaks the language, belongs to the agency and is not barred."""
    return (
        desk.agency_id == case.agency_id
        and (not desk.queues or case.queue in desk.queues)
        and case.language in desk.languages
        and desk.id not in case.barred_ids
    )


def why_moves(case: CaseToAssign, desks: Mapping[int, Desk], terms: Terms) -> Why | None:
    """Why a case has to find a desk; None: it stays.

    A negotiation under way stays with its collector through absence and reshuffle, but never with one who left, is
    barred or not fit.
    """
    if case.holder_id is None:
        return Why.NEW
    holder = desks.get(case.holder_id)
    if holder is None or (holder.leaves_on is not None and terms.on >= holder.leaves_on):
        return Why.HOLDER_LEFT
    if holder.id in case.barred_ids:
        return Why.HOLDER_BARRED
    if not is_ready(holder, terms.on) or not fits(holder, case):
        return Why.HOLDER_UNFIT
    if case.is_reserved:
        return None
    if is_away(holder, terms):
        return Why.HOLDER_AWAY
    if case.home_id is not None and (home := desks.get(case.home_id)) is not None and is_home(home, case, terms):
        return Why.BACK_HOME
    return Why.RESHUFFLED if terms.reshuffles and _is_loose(case, terms) else None


def is_home(home: Desk, case: CaseToAssign, terms: Terms) -> bool:
    """Whether the collector who was away is back, and may have the case."""
    return is_ready(home, terms.on) and not is_away(home, terms) and fits(home, case)


def _is_loose(case: CaseToAssign, terms: Terms) -> bool:
    return case.held_since is None or (terms.on - case.held_since).days >= terms.sticky_days
