"""A contact that the law would permit is refused while a bulk stop is in its way; the refusal cites the stop."""

from datetime import datetime

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.store.bulk_stops.standing import StandingStop, stop_in_the_way
from zhizhi.store.bulk_stops.words import DISASTERS, REASONS, STOPPED
from zhizhi.store.snapshot import PersonFacts
from zhizhi.usecases.bulk_stops.divisions import division_name
from zhizhi.usecases.refused import UseCaseRefused

HOUSE_RULE = Text("内部规则：批量停催期间不催收", "house rule: nobody is dunned under a bulk stop")
DISASTER_RULE = Text(
    "内部规则；口径 A-19：受灾客户未见明文，从严先停",
    "house rule; reading A-19: no text on disasters found, the strict one rests",
)


class BulkStopped(UseCaseRefused):
    """A bulk stop is in the way until `until`."""

    def __init__(self, stop: StandingStop) -> None:
        super().__init__(STOPPED, cite_stop(stop))
        self.until = stop.until_at


def cite_stop(stop: StandingStop) -> Text:
    """Number, reason, area, end and ground of a stop, and on what it rests."""
    reason, rests_on = REASONS[stop.reason], DISASTER_RULE if stop.reason in DISASTERS else HOUSE_RULE
    areas = "、".join(division_name(area) for area in stop.areas)
    until = stop.until_at.astimezone(BEIJING).strftime("%m-%d %H:%M")
    zh = f"批量停催 #{stop.id}（{reason.zh}{'，' + areas if areas else ''}）至 {until}：{stop.ground}。{rests_on.zh}"
    en = (
        f"bulk stop #{stop.id} ({reason.en}{', ' + areas if areas else ''}) until {until}: {stop.ground}; {rests_on.en}"
    )
    return Text(zh, en)


def require_not_stopped(person: PersonFacts, channel: str, purpose: str, at: datetime) -> None:
    """Refuses: BulkStopped, while one that means the person is in force and the purpose is not spared."""
    stop = stop_in_the_way(person.bulk_stops, channel, purpose, at)
    if stop is not None:
        raise BulkStopped(stop)
