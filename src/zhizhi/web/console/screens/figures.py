"""总览: the figures of the head of collections and of compliance, and the rows behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse

from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.text import Text
from zhizhi.store.contacts.reads import load_day
from zhizhi.store.figures.attempts import THIRD_PERSONS_MAX, load_third_persons
from zhizhi.store.figures.collected import load_targets
from zhizhi.store.figures.every import COLLECTIONS, COMPLIANCE, FIGURES
from zhizhi.store.figures.figure import (
    EVERY_PRODUCT,
    NOTHING,
    Asked,
    Figure,
    Number,
    Ratio,
    Unit,
    load_as_of,
    load_currencies,
    load_latest_day,
    load_number,
    load_rows,
)
from zhizhi.store.figures.flow import BUCKETS_MAX, Rolls, load_rolls
from zhizhi.store.figures.seats import load_seats
from zhizhi.store.lenders.reads import Choice, Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.zones import days_as_span
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.targets import PRODUCTS
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens.bulk_stops import announced
from zhizhi.web.console.screens.today import refused_rules
from zhizhi.web.shared.clock import today as day_of

PAGES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with its number, as a screen shows it; `permille` is what a ratio comes to, None of nothing."""

    code: str
    name: Text
    formula: Text
    unit: str
    cites: str
    value: int
    by_product: Mapping[str, int]
    permille: int | None = None


class Read:
    """Figures of one moment, each number asked once."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._numbers: dict[str, dict[str, Number]] = {}

    def shown(self, one: Figure | Ratio) -> Shown:
        """A figure or ratio with its numbers."""
        if isinstance(one, Ratio):
            above, below = self._of(one.above), self._of(one.below)
            whole = below.get(EVERY_PRODUCT, 0)
            permille = round(1000 * above.get(EVERY_PRODUCT, 0) / whole) if whole else None
            unit = "share" if one.is_share else "each"
            return Shown(one.above.code, one.name, one.formula, unit, "", 0, {}, permille)
        numbers = self._of(one)
        return Shown(one.code, one.name, one.formula, one.unit, one.cites, numbers.get(EVERY_PRODUCT, 0), numbers)

    def _of(self, figure: Figure) -> dict[str, int]:
        if figure.code not in self._numbers:
            self._numbers[figure.code] = load_number(figure, self.asked)
        return {product: number.of(figure.unit) for product, number in self._numbers[figure.code].items()}


@screen(Right.SEE_FIGURES)
def collections(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """催收总览: collected, flow, roll rates, promises, reach."""
    with reading(desk.viewer, counting=True):
        asked, around = _asked(request, desk, at)
        read = Read(asked)
        groups = {name: [read.shown(one) for one in group] for name, group in COLLECTIONS.items()}
        rolls = load_rolls(asked)
        targets = load_targets(asked)
    month = groups["collected"][1]
    context = {
        "here": "figures",
        **around,
        **groups,
        "products": _products(groups["collected"], targets),
        "target": sum(targets.values()),
        "target_permille": round(1000 * month.value / sum(targets.values())) if sum(targets.values()) else None,
        "matrices": [_matrix(one) for one in reversed(rolls)],
        "buckets_max": max((one.value for one in groups["buckets"]), default=0),
        "first_thirty": _first_thirty(groups["rolls"]),
    }
    return page(request, desk, at, "figures.html", context)


@screen(Right.SEE_COMPLIANCE_FIGURES)
def compliance(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """合规总览: the six zeros, attempts with the rules that refused most, contacts with third persons."""
    with reading(desk.viewer, counting=True):
        asked, around = _asked(request, desk, at)
        read = Read(asked)
        groups = {name: [read.shown(one) for one in group] for name, group in COMPLIANCE.items()}
        rules = refused_rules(load_day(asked.day_from, min(asked.day_until, asked.as_of)))
        third_persons = load_third_persons(asked)
    context = {
        "here": "figures_compliance",
        **around,
        **groups,
        "rules": rules[:10],
        "third_persons": third_persons,
        "is_cut": len(third_persons) == THIRD_PERSONS_MAX,
    }
    return page(request, desk, at, "figures_compliance.html", context)


@screen(Right.SEE_FIGURES)
def figure(request: HttpRequest, desk: Desk, at: datetime, code: str) -> HttpResponse:
    """One figure: how it is counted, as of when, and the rows behind it."""
    one = FIGURES.get(code)
    if one is None:
        raise Http404
    product = request.GET.get("product", "")
    product = product if product in PRODUCTS else EVERY_PRODUCT
    turned = request.GET.get("page", "0")
    number = min(int(turned), PAGES_MAX) if turned.isdecimal() and len(turned) <= 5 else 0
    with reading(desk.viewer, counting=True):
        asked, around = _asked(request, desk, at)
        numbers = load_number(one, asked)
        rows, more = load_rows(one, asked, product, number)
    shown = {name: found.of(one.unit) for name, found in numbers.items()}
    context = {
        "here": "figures",
        **around,
        "figure": Shown(one.code, one.name, one.formula, one.unit, one.cites, shown.get(EVERY_PRODUCT, 0), shown),
        "counted": numbers.get(product, NOTHING),
        "product": product,
        "products": [(name, shown[name]) for name in PRODUCTS if name in shown],
        "rows": rows,
        "has_amounts": one.unit is Unit.MONEY or any(row.amount_minor for row in rows),
        "before_page": number - 1 if number else None,
        "next_page": number + 1 if more else None,
    }
    return page(request, desk, at, "figure.html", context)


@screen(Right.SEE_FIGURES)
def floor(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """班组实时: every seat now."""
    with reading(desk.viewer, counting=True):
        asked, around = _asked(request, desk, at, day_of(at))
        seats = load_seats(asked)
        stops = announced(at)
    context = {
        "here": "floor",
        "announced": stops,
        **around,
        "seats": seats,
        "on_call": sum(seat.call_since is not None for seat in seats),
        "dials": sum(seat.dials for seat in seats),
        "talks": sum(seat.talks for seat in seats),
        "near_cap": sum(seat.near_cap for seat in seats),
        "late_steps": sum(seat.late_steps for seat in seats),
    }
    template = "floor_part.html" if request.headers.get("HX-Request") else "floor.html"
    return page(request, desk, at, template, context)


def _asked(request: HttpRequest, desk: Desk, at: datetime, day: date | None = None) -> tuple[Asked, dict[str, object]]:
    """Which day, lender and currency an address asks for, else the latest day of the book; and what the page says."""
    lenders = [choice for choice in load_choices(desk.viewer) if choice.kind == "lender"]
    lender = _chosen(lenders, request.GET.get("lender", ""))
    lender_id = lender.id if lender else None
    today = day_of(at)
    on = day or min(_day(request.GET.get("on", "")) or load_latest_day(lender_id) or today, today)
    as_of = load_as_of(on, lender_id, at)
    currencies = load_currencies(lender_id)
    wanted = request.GET.get("currency", "")
    currency = wanted if wanted in currencies else (currencies or ["CNY"])[0]
    asked = Asked(on, *days_as_span(on, on), as_of, lender_id, currency)
    kept = {"lender": str(lender_id or ""), "currency": currency}
    return asked, {
        "on": on,
        "is_today": on == today,
        "before": on - timedelta(days=1),
        "behind": on + timedelta(days=1),
        "as_of": as_of,
        "currency": currency,
        "currencies": currencies if len(currencies) > 1 else [],
        "lender": lender,
        "lenders": lenders if len(lenders) > 1 else [],
        "kept": urlencode(kept),
        "asked": urlencode({"on": on.isoformat(), **kept}),
    }


def _chosen(lenders: Sequence[Choice], wanted: str) -> Choice | None:
    return next((one for one in lenders if str(one.id) == wanted), lenders[0] if lenders else None)


def _day(written: str) -> date | None:
    try:
        return parse_day(written)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ProductLine:
    """What was collected of a product: today, this month, and in the last cycle; what is wanted, what is reached."""

    product: str
    amounts: tuple[int, ...]
    target: int | None
    permille: int | None


def _products(figures: Sequence[Shown], targets: Mapping[str, int]) -> list[ProductLine]:
    month = figures[1]
    lines = []
    for product in PRODUCTS:
        amounts = tuple(one.by_product.get(product, 0) for one in figures)
        target = targets.get(product)
        if any(amounts) or target:
            reached = round(1000 * month.by_product.get(product, 0) / target) if target else None
            lines.append(ProductLine(product, amounts, target, reached))
    return lines


@dataclass(frozen=True, slots=True)
class Matrix:
    """A roll-rate matrix as a table: each line a bucket and the shares in permille that went to each other."""

    rolls: Rolls
    lines: tuple[tuple[int, tuple[int | None, ...]], ...]


def _matrix(rolls: Rolls) -> Matrix:
    ends: tuple[int | None, ...] = (*range(BUCKETS_MAX + 1), None)
    lines = []
    for start in range(1, BUCKETS_MAX + 1):
        shares = [rolls.share(start, end) for end in ends]
        if shares[0] is not None:
            lines.append((start, tuple(round(1000 * (share or 0)) for share in shares)))
    return Matrix(rolls, tuple(lines))


def _first_thirty(figures: Sequence[Shown]) -> int | None:
    entered, collected = figures
    return round(1000 * collected.value / entered.value) if entered.value else None
