"""A dialler asks whom to ring next: as many persons are leased as the free seats and the pace allow.

Each is leased for one of the seats in turn, so the law is asked about somebody who may take the call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.calling.working import Noted, Reserved, note, reserve
from zhizhi.store.leases.answers import Asked, kept_answer, load_answer
from zhizhi.store.leases.candidates import Named
from zhizhi.store.leases.minting import keep_answer_alone
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.outbound.words import WHY
from zhizhi.usecases.lease import PERSONS_MAX, LeasePermits, lease_permits
from zhizhi.usecases.lease_confirm import NO_SUCH_CAMPAIGN, NotFound
from zhizhi.usecases.lease_words import lease_named
from zhizhi.usecases.outbound.needed import told
from zhizhi.usecases.refused import UseCaseRefused

NOT_RUNNING = Text("活动未在进行，不得拨打", "the campaign does not run")
CLOSED = Text("不在活动时段内", "these are not the hours of the campaign")
NO_SEAT = Text("没有属于本活动的空闲坐席", "none of the free seats is the campaign's; help: name logins of its seats")
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class NextCalls:
    """Who is free to talk, by login, and for how many seconds a lease shall last."""

    bearer: Bearer
    campaign: str
    free: tuple[str, ...]
    seconds: int
    asked: Asked


def next_calls(command: NextCalls, at: datetime) -> dict[str, Any]:
    """Lease the next persons; answers the leases that the law permits, with the seat of each, and the pace.

    Refuses: NotFound, a campaign that does not run or is closed at this hour, no free seat, no number that stands.
    """
    known = load_answer(command.asked)
    if known is not None:
        return known
    bearer = command.bearer
    reserved = None if bearer.agency_id is not None else _reserved(command, at)
    if reserved is None:
        raise NotFound("unknown_campaign", NO_SUCH_CAMPAIGN)
    _check(reserved, at)
    leases: list[dict[str, Any]] = []
    for seat, targets in _shared(reserved).items():
        leases += _lease(command, reserved, seat, targets, at)
    answer = {"leases": leases, "ratio": reserved.ratio, "withheld": len(reserved.targets) - len(leases)}
    keep_answer_alone(kept_answer(command.asked, answer, at))
    return answer


def _reserved(command: NextCalls, at: datetime) -> Reserved | None:
    free = tuple(dict.fromkeys(command.free))
    return reserve(command.bearer.lender_id, command.campaign, free, at, PERSONS_MAX)


def _check(reserved: Reserved, at: datetime) -> None:
    if reserved.state != "running":
        raise UseCaseRefused("not_running", NOT_RUNNING)
    if not reserved.window.is_open(at):
        raise UseCaseRefused("closed", CLOSED)
    if not reserved.seats:
        raise UseCaseRefused("no_seat", NO_SEAT, "free")
    if reserved.falls is not None:
        raise UseCaseRefused(reserved.falls, told(reserved.falls))


def _shared(reserved: Reserved) -> Mapping[str, Sequence[tuple[int, str]]]:
    """The persons by seat, dealt in turn."""
    shares: dict[str, list[tuple[int, str]]] = {}
    for place, target in enumerate(reserved.targets):
        shares.setdefault(reserved.seats[place % len(reserved.seats)], []).append(target)
    return shares


def _lease(
    command: NextCalls, reserved: Reserved, seat: str, targets: Sequence[tuple[int, str]], at: datetime
) -> list[dict[str, Any]]:
    """Lease some persons for one seat, and note what became of each; where it fails they are to be rung again."""
    wanted = LeasePermits(
        bearer=command.bearer,
        campaign=command.campaign,
        script=reserved.script,
        caller=seat,
        persons=tuple(Named(case=number) for _, number in targets),
        asked=Asked(command.asked.token_id, f"{command.asked.key}/{seat}", command.asked.request),
        seconds=command.seconds,
        purpose=reserved.purpose,
        goes_from=reserved.line,
    )
    noted = [Noted(person_id, "waiting") for person_id, _ in targets]
    try:
        answers = lease_permits(wanted, at)["leases"]
        noted = [_noted(person_id, one, reserved, at) for (person_id, _), one in zip(targets, answers, strict=True)]
    finally:
        note(reserved.campaign_id, noted, at)
    goes_from = {"goes_from": reserved.line or ""}
    return [{**one, "caller": seat, **goes_from} for one in answers if one["verdict"] == "permit"]


def _noted(person_id: int, answer: Mapping[str, Any], reserved: Reserved, at: datetime) -> Noted:
    """What becomes of a person: rung, to be rung later where the law names a time within the campaign's, or held
    back."""
    if answer["verdict"] == "permit":
        named = lease_named(answer["lease"])
        assert named is not None, "the name of a lease"
        return Noted(person_id, "leased", lease_id=named[1])
    if answer["verdict"] == "refused":
        is_of_number = answer["code"] in WHY  # the next request may have another number
        return Noted(person_id, "waiting" if is_of_number else "withheld", answer["code"])
    why = answer["reasons"][0]["rule"] if answer["reasons"] else answer["verdict"]
    again = answer["next_permitted_at"]
    if answer["verdict"] == "forbid" and again is not None:
        opens = reserved.window.opening_from(max(datetime.fromisoformat(again), at))
        if opens is not None:
            return Noted(person_id, "waiting", why, next_at=opens)
    return Noted(person_id, "withheld", why)
