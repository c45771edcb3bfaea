"""The endpoints of leases, which look at their token together with others, and every address that there is not."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

from zhizhi.core.kernel.text import Text
from zhizhi.store.leases.candidates import Named
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.calling.next_calls import NextCalls, next_calls
from zhizhi.usecases.lease_confirm import ConfirmLease, EndCampaign, NotFound, confirm, end
from zhizhi.usecases.lease_record import RecordLease, record
from zhizhi.usecases.lease_words import WHY_NOT
from zhizhi.web.api.asking import (
    again_where_overtaken,
    authorised_where_wrong,
    endpoint,
    key_of,
    only_post,
    posted,
    said,
    secret_of,
)
from zhizhi.web.api.leasing import Posted, lease
from zhizhi.web.api.problems import NO_PAGE, Place, Problem, answer
from zhizhi.web.api.reading import WRONG, read_body
from zhizhi.web.api.shapes import CallRecord, FreeSeats, LeaseTerms, ManyLeases, NamedCase, Nothing, OneLease
from zhizhi.web.shared.opening import opened_by

Terms = TypeVar("Terms", bound=LeaseTerms)
ONE_NAME = Text("case 与 account 二选一", "help: give `case` or `account`, one of the two")


@opened_by(Right.LEASE, "POST")
@endpoint
def lease_one(request: HttpRequest) -> HttpResponse:
    """A lease for one person, or what the law says instead."""
    return say_one(lease(read_one(request)))


def read_one(request: HttpRequest) -> Posted:
    """A request for one. Refuses: another method, and what is wrong with it."""
    return _posted(request, OneLease, lambda body: (_named(body, ""),))


def say_one(answered: dict[str, Any]) -> HttpResponse:
    """The answer to it. Refuses: a case that is not there."""
    (one,) = answered["leases"]
    if one["verdict"] == "refused" and one["code"] == "unknown_case":
        raise NotFound("unknown_case", WHY_NOT["unknown_case"])
    return answer(one)


@opened_by(Right.LEASE, "POST")
@endpoint
def lease_many(request: HttpRequest) -> HttpResponse:
    """Leases for several persons, each answered in its place."""
    return answer(lease(read_many(request)))


def read_many(request: HttpRequest) -> Posted:
    """A request for several. Refuses: another method, and what is wrong with it."""
    return _posted(request, ManyLeases, lambda body: tuple(_all_named(body.persons)))


def _posted(request: HttpRequest, shape: type[Terms], persons: Callable[[Terms], tuple[Named, ...]]) -> Posted:
    only_post(request)
    with authorised_where_wrong(request):
        key, body = key_of(request), read_body(shape, request.body)
        return Posted(secret_of(request), key, said(request), body, persons(body))


def _all_named(persons: Sequence[NamedCase]) -> Iterator[Named]:
    return (_named(person, f"/persons/{n}") for n, person in enumerate(persons))


def _named(body: OneLease | NamedCase, at: str) -> Named:
    if (body.case is None) == (body.account is None):
        raise Problem(422, "bad_request", WRONG, (Place(f"{at}/case", ONE_NAME),))
    return Named(body.case, body.account)


@opened_by(Right.LEASE, "POST")
@endpoint
def confirm_lease(request: HttpRequest, lease: str) -> HttpResponse:
    """Right before ringing: whether it still may be."""
    bearer, asked, _, at = posted(request, Nothing)
    return answer(again_where_overtaken(lambda: confirm(ConfirmLease(bearer, lease, asked), at)))


@opened_by(Right.LEASE, "POST")
@endpoint
def record_lease(request: HttpRequest, lease: str) -> HttpResponse:
    """A report of what came of it."""
    bearer, asked, body, at = posted(request, CallRecord)
    command = RecordLease(
        bearer=bearer,
        lease=lease,
        kind=body.kind,
        began_at=body.began_at,
        ring_seconds=body.ring_seconds,
        talk_seconds=body.talk_seconds,
        number=body.number,
        proof=body.proof.strip(),
        asked=asked,
    )
    return answer(again_where_overtaken(lambda: record(command, at)))


@opened_by(Right.LEASE, "POST")
@endpoint
def end_campaign(request: HttpRequest, campaign: str) -> HttpResponse:
    """End a campaign and recall what waits."""
    bearer, asked, _, at = posted(request, Nothing)
    return answer(again_where_overtaken(lambda: end(EndCampaign(bearer, campaign, asked), at)))


@opened_by(Right.LEASE, "POST")
@endpoint
def next_of_campaign(request: HttpRequest, campaign: str) -> HttpResponse:
    """The next leases of a calling campaign, as many as its free seats and its pace allow."""
    bearer, asked, body, at = posted(request, FreeSeats)
    command = NextCalls(bearer, campaign, tuple(seat.login for seat in body.free), body.seconds, asked)
    return answer(again_where_overtaken(lambda: next_calls(command, at)))


@endpoint
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Everything else below the address of the API."""
    del request, rest
    raise Problem(404, "no_such_endpoint", NO_PAGE)
