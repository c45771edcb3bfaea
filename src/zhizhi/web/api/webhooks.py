"""Webhooks: where a system wants to be told, how its messages went, and telling them once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from zhizhi.core.kernel.text import Text
from zhizhi.store.viewer import reading
from zhizhi.store.webhooks.catalogue import EventType
from zhizhi.store.webhooks.reads import (
    DeliveryFilter,
    DeliveryRow,
    EndpointRow,
    access_delivery,
    access_endpoint,
    load_deliveries,
    load_endpoints,
)
from zhizhi.store.webhooks.replaying import Replay
from zhizhi.store.webhooks.words import STATES
from zhizhi.usecases.webhooks import endpoints as usecases
from zhizhi.usecases.webhooks.replaying import replay_webhooks
from zhizhi.usecases.webhooks.urls import URL_CHARACTERS_MAX
from zhizhi.web.api.answered import Page, Told
from zhizhi.web.api.cases import id_in, not_there
from zhizhi.web.api.fields import Id, Instant, Line, OneOf, Said, Shape, YesNo, wrong
from zhizhi.web.api.operations import Call
from zhizhi.web.api.paging import Paged, page_of
from zhizhi.web.api.problems import Place, Problem
from zhizhi.web.api.reading import WRONG

TYPES = tuple(one.value for one in EventType)
DESCRIPTION = Line("说明", "description", most=200, least=0)
URL = Line("https 地址", "an https address", most=URL_CHARACTERS_MAX)
TWO_WAYS = Text("delivery 与 since 二选一", "help: give `delivery` or `since`, one of the two")


@dataclass(frozen=True)
class Types(Said):
    """Some of the types of events, each once."""

    def read(self, value: Any) -> tuple[str, ...]:
        """The types."""
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            raise wrong(Text("请给出事件类型的列表", "help: a list of types of events"))
        if len(set(value)) != len(value) or not set(value) <= set(TYPES):
            raise wrong(Text(f"可选，各一次：{'、'.join(TYPES)}", f"help: of these, each once: {', '.join(TYPES)}"))
        return tuple(value)

    def schema(self) -> dict[str, Any]:
        """A list of words."""
        items = {"type": "string", "enum": list(TYPES)}
        return {"type": "array", "items": items, "minItems": 1, "maxItems": len(TYPES), "uniqueItems": True}


EVENTS = Types("事件类型；缺省为全部", "types of events; all where it is left out")


class NewWebhook(Shape):
    """Where to be told, and of what; without `events` of all that this token may know."""

    url: Annotated[str, URL]
    events: Annotated[tuple[str, ...] | None, EVENTS] = None
    description: Annotated[str, DESCRIPTION] = ""


class ChangedWebhook(Shape):
    """What to change; what is left out stays. `active`: turn it on or off."""

    url: Annotated[str | None, URL] = None
    events: Annotated[tuple[str, ...] | None, EVENTS] = None
    description: Annotated[str | None, DESCRIPTION] = None
    active: Annotated[bool | None, YesNo("启用", "active")] = None


class Webhook(Told):
    """An endpoint. `off_because`: `asked`, `gone` (it answered 410), `failing` (for five days)."""

    webhook: str
    url: str
    description: str
    events: list[str] = Field(description="空：全部可知的事件 · empty: all that it may be told")
    active: bool
    off_because: str | None
    failing_since: datetime | None
    former_secret_until: datetime | None
    created_at: datetime


class WebhookMade(Told):
    """An endpoint and its secret, shown this once."""

    webhook: str
    secret: str


class WebhookChanged(Told):
    """It is done."""

    webhook: str


class DeliveriesAsked(Paged):
    """Which messages of one's own endpoints."""

    webhook: Annotated[int | None, Id("通知地址", "the endpoint", "")] = None
    state: Annotated[str | None, OneOf("状态", "state", STATES)] = None
    type: Annotated[str | None, OneOf("事件类型", "type of event", TYPES)] = None


class Delivery(Told):
    """A message and how it stands; `status` is what the latest try was answered."""

    delivery: str
    webhook: str
    message: str = Field(description="webhook-id")
    type: str
    happened_at: datetime
    state: str
    tries: int
    next_at: datetime | None
    ended_at: datetime | None
    end: str | None
    status: int | None


class Try(Told):
    """One request."""

    at: datetime
    milliseconds: int
    end: str
    status: int | None


class WholeDelivery(Delivery):
    """A message with its body and every try, the latest first."""

    body: str
    attempts: list[Try]


class NewReplay(Shape):
    """One message (`delivery`), or all that were not told since `since`."""

    delivery: Annotated[int | None, Id("一条通知", "one message", "")] = None
    since: Annotated[datetime | None, Instant("自", "since when")] = None
    until: Annotated[datetime | None, Instant("至", "until")] = None


class Replayed(Told):
    """How many are sent again; ask once more where it is 10,000."""

    webhook: str
    messages: int


def create(call: Call) -> WebhookMade:
    """A new endpoint."""
    new, caller = call.sent(NewWebhook), call.caller
    command = usecases.CreateEndpoint(
        caller.staff_id, caller.lender_id, caller.agency_id, new.url, new.events or (), new.description
    )
    made = usecases.create_endpoint(command, call.at)
    return WebhookMade(webhook=str(made.endpoint_id), secret=made.secret)


def listed(call: Call) -> Page[Webhook]:
    """The endpoints of this account."""
    asked = call.asked(Paged)
    after = asked.after("webhooks")
    with reading(call.caller.viewer):
        rows = load_endpoints(after[0] if after else None, asked.limit)
    return page_of(rows, asked, "webhooks", lambda row: (row.id,), _webhook)


def one(call: Call) -> Webhook:
    """One endpoint."""
    return _webhook(_own(call))


def change(call: Call) -> WebhookChanged:
    """Change an endpoint, turn it on or off."""
    sent, row = call.sent(ChangedWebhook), _own(call)
    command = usecases.ChangeEndpoint(
        row.id, call.caller.staff_id, call.caller.agency_id, sent.url, sent.events, sent.description, sent.active
    )
    usecases.change_endpoint(command, call.at)
    return WebhookChanged(webhook=str(row.id))


def rotate(call: Call) -> WebhookMade:
    """A new secret; the one before signs beside it for a day."""
    made = usecases.rotate_secret(_own(call).id, call.caller.staff_id, call.at)
    return WebhookMade(webhook=str(made.endpoint_id), secret=made.secret)


def delete(call: Call) -> WebhookChanged:
    """End an endpoint with its secrets."""
    endpoint_id = _own(call).id
    usecases.delete_endpoint(endpoint_id, call.caller.staff_id, call.at)
    return WebhookChanged(webhook=str(endpoint_id))


def deliveries_page(call: Call) -> Page[Delivery]:
    """Messages, the newest first."""
    asked = call.asked(DeliveriesAsked)
    after = asked.after("webhook-deliveries")
    wanted = DeliveryFilter(endpoint_id=asked.webhook, state=asked.state, type=asked.type)
    with reading(call.caller.viewer):
        rows = load_deliveries(wanted, after[0] if after else None, asked.limit)
    return page_of(rows, asked, "webhook-deliveries", lambda row: (row.id,), lambda row: Delivery(**_delivery(row)))


def one_delivery(call: Call) -> WholeDelivery:
    """One message with its tries."""
    with reading(call.caller.viewer):
        found = access_delivery(id_in(call, "delivery"))
    if found is None:
        raise not_there()
    row, tries = found
    attempts = [Try(at=one.at, milliseconds=one.milliseconds, end=one.end, status=one.status) for one in tries]
    return WholeDelivery(**_delivery(row), body=row.body, attempts=attempts)


def replay(call: Call) -> Replayed:
    """Tell messages once more."""
    sent, row = call.sent(NewReplay), _own(call)
    if (sent.delivery is None) is (sent.since is None):
        raise Problem(422, "bad_request", WRONG, (Place("/since", TWO_WAYS),))
    asked = Replay(row.id, call.caller.staff_id, sent.delivery, sent.since, sent.until)
    count = replay_webhooks(asked, call.at)
    return Replayed(webhook=str(row.id), messages=count)


def _own(call: Call) -> EndpointRow:
    """The endpoint in the address. Refuses: one that is not there, or not this account's."""
    with reading(call.caller.viewer):
        row = access_endpoint(id_in(call, "webhook"))
    if row is None:
        raise not_there()
    return row


def _webhook(row: EndpointRow) -> Webhook:
    return Webhook(
        webhook=str(row.id),
        url=row.url,
        description=row.description,
        events=list(row.events),
        active=row.off_at is None,
        off_because=row.off_because,
        failing_since=row.failing_since,
        former_secret_until=row.before_until,
        created_at=row.created_at,
    )


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {
        "delivery": str(row.id),
        "webhook": str(row.endpoint_id),
        "message": row.message_id,
        "type": row.type,
        "happened_at": row.happened_at,
        "state": row.state,
        "tries": row.tries,
        "next_at": row.next_at,
        "ended_at": row.ended_at,
        "end": row.end,
        "status": row.status,
    }
