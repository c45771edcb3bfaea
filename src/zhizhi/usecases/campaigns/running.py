"""Run campaigns: each decides as far ahead as it sends, pauses itself where everybody would be refused, and ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.campaigns.chunks import CampaignStopped, load_left, reopen_unsent
from zhizhi.store.campaigns.ending import settle_ended, to_be_settled
from zhizhi.store.campaigns.moves import CannotMove, move, set_pace, set_rate
from zhizhi.store.campaigns.pacing import load_pace
from zhizhi.store.campaigns.terms import CampaignTerms, load_running
from zhizhi.store.lenders.rights import Right
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.usecases.authority import require
from zhizhi.usecases.campaigns.allowed import right_to
from zhizhi.usecases.campaigns.asking import CHUNK_MAX, ask_chunk
from zhizhi.usecases.campaigns.making import check_rate
from zhizhi.usecases.refused import UseCaseRefused

AHEAD_SECONDS = 120
"""How far ahead of its throttle a campaign decides; a permit lasts ten minutes at most, so none waits until it ends."""
AHEAD_UNTHROTTLED = 5_000


@dataclass(frozen=True, slots=True)
class StepCampaign:
    """Start, pause, resume or cancel a campaign: `what` is the step, `by` who takes it."""

    campaign_id: int
    what: str
    by: int


def step_campaign(command: StepCampaign, at: datetime) -> None:
    """Take the step. Refuses: a state from which it does not go (CannotMove)."""
    assert command.what in ("started", "paused", "resumed", "cancelled"), "only the system says that a campaign is done"
    require(command.by, right_to(command.what))
    move(command.campaign_id, command.what, at, command.by)


def work_campaigns(at: datetime, beat: Callable[[], None] = lambda: None) -> int:
    """One chunk of each campaign that runs and has room for one, after and before what has ended is put away; answers
    how many persons were settled or put off."""
    put_away_ended(at, beat)
    done = 0
    for terms in load_running():
        done += _work(terms, at)
        beat()
    put_away_ended(at, beat)
    return done


def put_away_ended(at: datetime, beat: Callable[[], None] = lambda: None) -> None:
    """Of campaigns that ended, messages that wait are pulled back and the rest is counted; `beat` after each commit."""
    for campaign_id in to_be_settled():
        put_away(campaign_id, at, beat)


def put_away(campaign_id: int, at: datetime, beat: Callable[[], None] = lambda: None) -> bool:
    """The same for one that ended; answers whether all of it is done. Refuses: ClockNotTrusted."""
    require_clock()
    return settle_ended(campaign_id, at, beat)


def _work(terms: CampaignTerms, at: datetime) -> int:
    if terms.window.is_over(at):
        _end(terms, "finished", at)
        return 0
    if not terms.window.is_open(at):
        return 0
    left = load_left(terms.id)  # before the unsent are looked for: with nothing in the outbox no more of them come
    if not reopen_unsent(terms.id) and left.is_nothing:
        _end(terms, "finished", at)
        return 0
    room = min(CHUNK_MAX, _ahead(terms) - left.in_outbox)
    if room <= 0:
        return 0
    try:
        return ask_chunk(terms, at, room).settled
    except CampaignStopped:
        return 0
    except UseCaseRefused as refused:
        _end(terms, "paused", at, refused.code)
        return 0


def _ahead(terms: CampaignTerms) -> int:
    """How many messages may wait in the outbox: what the narrower of its throttles sends in two minutes."""
    gateway = channels.gateway_of(terms.channel)
    rates = [rate for rate in (terms.per_second, load_pace(gateway or "", terms.channel)) if rate is not None]
    return min([AHEAD_UNTHROTTLED, *(rate * AHEAD_SECONDS for rate in rates)])


def _end(terms: CampaignTerms, what: str, at: datetime, why: str = "") -> None:
    """The system moves a campaign; that a person was quicker is fine."""
    try:
        move(terms.id, what, at, None, why)
    except CannotMove:
        return


@dataclass(frozen=True, slots=True)
class Throttle:
    """So many messages a second from now on, of one campaign or else of a channel's provider; None: no limit."""

    campaign_id: int | None
    channel: str
    per_second: int | None
    by: int


def throttle(command: Throttle, at: datetime) -> None:
    """Set it. Refuses: a rate out of bounds, a campaign that has ended, a channel that is not connected."""
    require(command.by, Right.RUN_CAMPAIGN)
    check_rate(command.per_second)
    if command.campaign_id is not None:
        set_rate(command.campaign_id, command.per_second, at, command.by)
        return
    gateway = channels.gateway_of(command.channel)
    if gateway is None:
        raise UseCaseRefused("not_connected", Text("渠道未接入", "the channel is not connected"))
    set_pace(gateway, command.channel, command.per_second, at, command.by)
