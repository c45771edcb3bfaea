"""通知回放: what other systems were told, how each try went, and telling it once more."""

import json
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.store.webhooks.catalogue import EVENTS, EventType
from zhizhi.store.webhooks.reads import (
    PAGE,
    DeliveryFilter,
    DeliveryRow,
    EndpointRow,
    access_delivery,
    access_endpoint,
    load_deliveries,
    load_endpoints,
)
from zhizhi.store.webhooks.replaying import Replay
from zhizhi.store.webhooks.words import OFF_WORDS, STATE_WORDS, TRY_WORDS
from zhizhi.usecases.webhooks.replaying import replay_webhooks
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.webhooks import DeliveriesForm
from zhizhi.web.console.pages import ID_MAX, page, posted

FORM = ("GET", "HEAD", "POST")
HIDDEN = "***"


@screen(Right.SEE_WEBHOOKS, FORM, posting=(Right.REPLAY_WEBHOOKS,))
def webhooks(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The messages that are asked for, the newest first; those of one endpoint that were not told are told again."""
    sent = posted(request)
    rows: list[DeliveryRow] = []
    endpoint, further = None, None
    with reading(desk.viewer):
        endpoints = load_endpoints()
        form = DeliveriesForm(desk.language, endpoints, sent if sent is not None else request.GET)
        asked = form.asked()
        if asked is not None:
            endpoint = next((one for one in endpoints if one.id == asked.endpoint_id), None)
            rows = load_deliveries(asked, _after(request))
    if sent is not None and asked is not None and endpoint is not None:
        made = _replayed(form, asked, endpoint, desk.staff_id, at)
        if made is not None:
            return redirect(f"{reverse('webhooks')}?{urlencode({'endpoint': endpoint.id, 'replayed': made})}")
    if len(rows) > PAGE:
        rows, further = rows[:PAGE], rows[PAGE - 1].id
    said = {name: form.data[name] for name in form.fields if form.data.get(name)}
    context = {
        "here": "webhooks",
        "form": form,
        "rows": [(row, EVENTS[EventType(row.type)].says, STATE_WORDS[row.state]) for row in rows],
        "endpoint": endpoint,
        "off": OFF_WORDS[endpoint.off_because] if endpoint is not None and endpoint.off_because else None,
        "off_ones": [(one, OFF_WORDS[one.off_because]) for one in endpoints if one.off_because in ("gone", "failing")],
        "may_replay": desk.may(Right.REPLAY_WEBHOOKS),
        "narrowed": urlencode(said),
        "said": said,
        "further": further,
        "replayed": request.GET.get("replayed") if request.GET.get("replayed", "").isdigit() else None,
    }
    return page(request, desk, at, "webhooks.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_WEBHOOKS, FORM, posting=(Right.REPLAY_WEBHOOKS,))
def webhook_delivery(request: HttpRequest, desk: Desk, at: datetime, delivery_id: int) -> HttpResponse:
    """One message, its tries, and telling it once more."""
    with reading(desk.viewer):
        found = access_delivery(delivery_id) if delivery_id <= ID_MAX else None
        endpoint = access_endpoint(found[0].endpoint_id) if found is not None else None
    if found is None:
        raise Http404
    row, tries = found
    refused = None
    if request.method == "POST":
        try:
            asked = Replay(row.endpoint_id, desk.staff_id, delivery_id=row.id)
            replay_webhooks(asked, at, lender_id=endpoint.lender_id if endpoint is not None else None)
            return redirect("webhook_delivery", delivery_id)
        except Refused as no:
            refused = no.text
    context = {
        "here": "webhooks",
        "row": row,
        "event": EVENTS[EventType(row.type)].says,
        "state": STATE_WORDS[row.state],
        "tries": [(one, TRY_WORDS[one.end]) for one in tries],
        "body": _body(row.body, desk),
        "may_replay": desk.may(Right.REPLAY_WEBHOOKS) and row.state != "waiting" and endpoint is not None,
        "refused": refused,
    }
    return page(request, desk, at, "webhook_delivery.html", context, status=409 if refused else 200)


def _after(request: HttpRequest) -> int | None:
    written = request.GET.get("after", "")
    return int(written) if written.isascii() and written.isdigit() and int(written) <= ID_MAX else None


def _replayed(form: DeliveriesForm, asked: DeliveryFilter, endpoint: EndpointRow, by: int, at: datetime) -> int | None:
    """How many are told again; None where it was refused, which stands at the form."""
    made: list[int] = []
    wanted = Replay(endpoint.id, by, from_at=asked.from_at, until_at=asked.until_at)
    done = form.did(lambda: made.append(replay_webhooks(wanted, at, lender_id=endpoint.lender_id)))
    return made[0] if done else None


def _body(body: str, desk: Desk) -> str:
    """The body as it was sent; whoever sees no case sees no number of one."""
    document = json.loads(body)
    number = document["data"].get("case")
    written = json.dumps(document, ensure_ascii=False, indent=2)
    return written if number is None or desk.may(Right.SEE_CASES) else written.replace(number, HIDDEN)
