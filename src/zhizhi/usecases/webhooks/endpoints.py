"""A system says where it wants to be told, of what, and under which secret."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.webhooks import endpoints as rows
from zhizhi.store.webhooks.catalogue import types_for
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.webhooks.house import installed
from zhizhi.usecases.webhooks.urls import checked_url

NOT_THEIRS = Text(
    "外包机构只能订阅本机构在手案件的事件",
    "an agency is told of events of its own cases alone; help: see the list of events",
)


@dataclass(frozen=True, slots=True)
class CreateEndpoint:
    """A new endpoint of a service account; no `events`: all that it may be told."""

    by: int
    lender_id: int
    agency_id: int | None
    url: str
    events: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """Changes of one's own endpoint; None leaves a thing as it is."""

    endpoint_id: int
    by: int
    agency_id: int | None
    url: str | None = None
    events: tuple[str, ...] | None = None
    description: str | None = None
    is_on: bool | None = None


def create_endpoint(command: CreateEndpoint, at: datetime) -> rows.Made:
    """Make it; answers its secret, this once. Refuses: NotAllowed, UrlRefused, an event that is not for agencies, too
    many endpoints."""
    require(command.by, Right.KEEP_WEBHOOKS)
    _check_events(command.events, command.agency_id)
    new = rows.NewEndpoint(
        staff_id=command.by,
        lender_id=command.lender_id,
        agency_id=command.agency_id,
        url=checked_url(command.url, installed()),
        events=tuple(sorted(set(command.events))),
        description=command.description,
    )
    return rows.create_endpoint(new, at)


def change_endpoint(command: ChangeEndpoint, at: datetime) -> None:
    """Change it. Refuses: as `create_endpoint`, NoSuchEndpoint."""
    require(command.by, Right.KEEP_WEBHOOKS)
    if command.events is not None:
        _check_events(command.events, command.agency_id)
    changes = rows.Changes(
        url=checked_url(command.url, installed()) if command.url is not None else None,
        events=tuple(sorted(set(command.events))) if command.events is not None else None,
        description=command.description,
        is_on=command.is_on,
    )
    rows.change_endpoint(command.endpoint_id, command.by, changes, at)


def rotate_secret(endpoint_id: int, by: int, at: datetime) -> rows.Made:
    """A new secret of one's own endpoint; the one before signs beside it for a day. Refuses: NotAllowed,
    NoSuchEndpoint."""
    require(by, Right.KEEP_WEBHOOKS)
    return rows.rotate_secret(endpoint_id, by, at)


def delete_endpoint(endpoint_id: int, by: int, at: datetime) -> None:
    """End one's own endpoint. Refuses: NotAllowed, NoSuchEndpoint."""
    require(by, Right.KEEP_WEBHOOKS)
    rows.delete_endpoint(endpoint_id, by, at)


def _check_events(events: tuple[str, ...], agency_id: int | None) -> None:
    if not set(events) <= set(types_for(is_agency=agency_id is not None)):
        raise UseCaseRefused("event_of_lender", NOT_THEIRS, "events")
