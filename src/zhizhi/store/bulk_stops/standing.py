"""Whether a bulk stop is in the way: read with the facts of a person, and asked again before a lease rings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.bulk_stops.words import SPARED
from zhizhi.store.many import Question, ask


@dataclass(frozen=True, slots=True)
class StandingStop:
    """A bulk stop that means somebody, as far as a refusal cites it; an empty channel is every channel."""

    id: int
    channel: str
    reason: str
    ground: str
    areas: tuple[str, ...]
    from_at: datetime
    until_at: datetime

    def stops(self, channel: str, purpose: str, at: datetime) -> bool:
        """Whether a contact of this kind may not be made at an instant."""
        return self.channel in ("", channel) and purpose not in SPARED and self.from_at <= at < self.until_at


def read_stops(written: str | None) -> tuple[StandingStop, ...]:
    """What `meant_by` of zhizhi_facts_beside (sql/facts_beside.sql) says: the one that lasts longest first."""
    return tuple(
        StandingStop(
            stop_id, channel, reason, ground, tuple(areas), datetime.fromisoformat(begins), datetime.fromisoformat(ends)
        )
        for stop_id, channel, reason, ground, areas, begins, ends in json.loads(written or "[]")
    )


def stop_in_the_way(stops: Sequence[StandingStop], channel: str, purpose: str, at: datetime) -> StandingStop | None:
    """The one that lasts longest among those in the way of a contact; None where none is."""
    return next((stop for stop in stops if stop.stops(channel, purpose, at)), None)


def is_stopped_in_bulk(person_id: int, channel: str, purpose: str, at: datetime) -> bool:
    """Whether one is in the way now, whatever was read before; the caller's transaction may be open."""
    asked = "SELECT zhizhi_bulk_stop_of(%s::bigint, %s::text, %s::text, %s::timestamptz)"
    return ask(Question(asked, [person_id, channel, purpose, at], list))[0][0] is not None
