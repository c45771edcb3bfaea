"""What an event has to share with a contact to count for it: yes, no, or not known, and what would tell."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from zhizhi.core.conduct.case import Debt, Event
from zhizhi.core.conduct.view import View
from zhizhi.core.law.catalogue import KEYS

Shared: TypeAlias = "tuple[bool | None, str]"


def _person(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    return event.party == view.party.id, ""


def _debtor(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    return event.party in view.debtors, ""


def _lender(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    return view.same_lender(event), ""


def _collector(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    own = view.case.collector.id
    return (event.by or own) == own, ""


def _point(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    if view.proposed.point is None or event.point is None:
        return None, "proposed.point" if event.point is not None else f"events.{event.id}.point"
    return event.point == view.proposed.point, ""


def _place(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    """Boundary: a call or letter goes to where its number or address is; what has no place is of a kind of its own."""
    if event.point is None:
        return None, f"events.{event.id}.point"
    mine = view.proposed.place or (view.point.place if view.point is not None else None)
    if mine is None and view.point is None:
        return None, "proposed.place"
    return view.points[event.point].place == mine, ""


def _product(view: View, event: Event, _count: str, _debt: str | None) -> Shared:
    """Boundary: the same debt is the same product, whatever it is called; two debts of unknown product may be."""
    pairs = [_same_product(mine, other) for mine in view.debts for other in view.debts_of(event)]
    return (True if True in pairs else None if None in pairs else False), f"events.{event.id}.debts.product"


def _same_product(mine: Debt, other: Debt) -> bool | None:
    if mine.id == other.id:
        return True
    if mine.lender != other.lender:
        return False
    if mine.product is None or other.product is None:
        return None
    return mine.product == other.product


def _debt(view: View, event: Event, count: str, debt: str | None) -> Shared:
    """Source: US-19: a call that named several debts counts to each, one that named none to that of its choice.

    Boundary: where nobody wrote down to which of several, it may count to each.
    """
    about = {view.key_of(one) for one in view.debts_of(event)}
    chosen = None if event.attributed_to is None else view.key_of_id(event.attributed_to)
    place = f"events.{event.id}.{'about_debt' if chosen is not None else 'attributed_to'}"
    if count == "talks":
        return _talked_about(event, debt, about, chosen), place
    if count not in ("placed_calls", "silent_calls"):
        return debt in about, place
    return _called_about(event, debt, about, chosen), place


def _talked_about(event: Event, debt: str | None, about: set[str], chosen: str | None) -> bool | None:
    if event.about_debt is True or (event.about_debt is None and len(about) == 1 and chosen is None):
        return debt in about
    counted = {chosen} if chosen is not None else about
    if event.about_debt is False:
        return debt in counted if len(counted) == 1 else None if debt in counted else False
    if debt in about and debt == chosen:
        return True
    return None if debt in about or debt == chosen else False


def _called_about(event: Event, debt: str | None, about: set[str], chosen: str | None) -> bool | None:
    """Boundary: a call that named its debts leaves nothing to choose among them."""
    spoke = event.outcome in ("conversation", "connected", "answered_dropped")
    named: bool | None = event.outcome == "voicemail_debt" or (spoke and event.about_debt is True)
    if event.outcome is None or (event.outcome == "conversation" and event.about_debt is None):
        named = None
    if chosen is None:
        return False if debt not in about else True if len(about) == 1 or named else None
    if debt == chosen:
        return True
    return named if chosen in about and debt in about else False


SHARES: Mapping[str, Callable[[View, Event, str, str | None], Shared]] = {
    "person": _person,
    "debtor": _debtor,
    "lender": _lender,
    "collector": _collector,
    "debt": _debt,
    "product": _product,
    "point": _point,
    "place": _place,
}
assert SHARES.keys() == KEYS.keys(), "every key of the catalogue is computed, and nothing else"
