"""协商减免 of a lender: the pool of the month, what is about to end, what ended, and whether like was given like."""

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.debt.relief.spread import Spread
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Choice, Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reliefs.pools import load_pools
from zhizhi.store.reliefs.reads import load_ended_reliefs, load_open_reliefs
from zhizhi.store.viewer import reading
from zhizhi.usecases.relief.act import offer_name
from zhizhi.usecases.relief.pool import set_month_pool, spread_since
from zhizhi.usecases.set_targets import months_open
from zhizhi.web.console.access import screen
from zhizhi.web.console.agreed import shown_relief
from zhizhi.web.console.forms.relief import PoolForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.shared.clock import today

SOON = timedelta(days=3)
SPREAD_OF = timedelta(days=90)


@screen(Right.SEE_RELIEF, ("GET", "HEAD", "POST"), posting=(Right.SET_RELIEF_POOL,))
def reliefs(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The page; the head of collections sets the pool on it."""
    months, day = months_open(at), today(at)
    with reading(desk.viewer):
        lender = _lender(request, [choice for choice in load_choices(desk.viewer) if choice.kind == "lender"])
        pools = load_pools(lender.id, months[0])
        under_way = load_open_reliefs(lender.id)
        ended = load_ended_reliefs(lender.id, day - SPREAD_OF)
        spread = spread_since(lender.id, at - SPREAD_OF)
    form = PoolForm(desk.language, months, posted(request), initial={"month": months[0].isoformat()})
    is_set = (
        request.method == "POST"
        and form.is_valid()
        and form.did(lambda: set_month_pool(form.command(lender.id, desk.staff_id), at))
    )
    if is_set:
        return redirect(f"{reverse('reliefs')}?lender={lender.id}")
    context = {
        "here": "reliefs",
        "lender": lender,
        "month": months[0],
        "pools": pools,
        "form": form if desk.may(Right.SET_RELIEF_POOL) else None,
        "under_way": [(shown_relief(row), row.ends_on is not None and row.ends_on <= day + SOON) for row in under_way],
        "ended": [shown_relief(row) for row in ended],
        "spread": [(line, _told(line)) for line in spread],
    }
    return page(request, desk, at, "reliefs.html", context, status=400 if form.errors else 200)


def _told(line: Spread) -> list[tuple[Text, str, int]]:
    """Offer, months and how often, of one class of equal facts."""
    told = []
    for choice, count in line.given:
        offer, _, months = choice.rpartition(".")
        told.append((offer_name(line.facts.catalogue, offer), months, count))
    return told


def _lender(request: HttpRequest, lenders: list[Choice]) -> Choice:
    if not lenders:
        raise Http404
    wanted = request.GET.get("lender", "")
    return next((one for one in lenders if str(one.id) == wanted), lenders[0])
