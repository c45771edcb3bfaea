"""回款目标: what is wanted of a month by product, and who set what before."""

from datetime import date, datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.kernel.days import parse_day
from zhizhi.store.figures.figure import load_currencies
from zhizhi.store.figures.targets import load_month_targets, load_target_changes
from zhizhi.store.lenders.reads import Choice, Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.set_targets import months_open, set_targets
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.targets import PRODUCTS, TargetsForm
from zhizhi.web.console.pages import page


@screen(Right.SEE_FIGURES, ("GET", "HEAD", "POST"), posting=(Right.SET_TARGET,))
def targets(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The targets of a month, to be set by those who may, and what was set."""
    months = months_open(at)
    month = _month(request, months)
    with reading(desk.viewer):
        lenders = [choice for choice in load_choices(desk.viewer) if choice.kind == "lender"]
        lender = _lender(request, lenders)
        currencies = load_currencies(lender.id) or ["CNY"]
        currency = _one_of(request.GET.get("currency", ""), currencies)
        standing = load_month_targets(lender.id, month, currency)
        changes = load_target_changes(lender.id, months[0])
    form = _form(request, desk, months, month, standing)
    here = urlencode({"lender": lender.id, "currency": currency, "month": month.isoformat()})
    if request.method == "POST" and form.is_valid():
        command = form.command(lender.id, currency, standing, desk.staff_id)
        if form.did(lambda: set_targets(command, at)):
            return redirect(f"{reverse('targets')}?{here}")
    context = {
        "here": "figures",
        "form": form if desk.may(Right.SET_TARGET) else None,
        "lender": lender,
        "lenders": lenders if len(lenders) > 1 else [],
        "currency": currency,
        "currencies": currencies if len(currencies) > 1 else [],
        "month": month,
        "months": months,
        "standing": [(product, standing.get(product)) for product in PRODUCTS],
        "changes": changes,
        "asked": here,
    }
    return page(request, desk, at, "targets.html", context, status=400 if form.errors else 200)


def _form(request: HttpRequest, desk: Desk, months: list[date], month: date, standing: dict[str, int]) -> TargetsForm:
    first = {product: f"{minor // 100}.{minor % 100:02d}" for product, minor in standing.items()}
    typed = [request.POST] if request.method == "POST" else []
    return TargetsForm(desk.language, months, *typed, initial={"month": month.isoformat(), **first})


def _month(request: HttpRequest, months: list[date]) -> date:
    """The month that is asked for: of the form that was sent, else of the address, else this one."""
    wanted = request.POST.get("month") or request.GET.get("month", "")
    try:
        month = parse_day(wanted)
    except ValueError:
        return months[0]
    return month if month in months else months[0]


def _lender(request: HttpRequest, lenders: list[Choice]) -> Choice:
    if not lenders:
        raise Http404
    wanted = request.GET.get("lender", "")
    return next((one for one in lenders if str(one.id) == wanted), lenders[0])


def _one_of(wanted: str, offered: list[str]) -> str:
    return wanted if wanted in offered else offered[0]
