"""Recordings are erased when the longest of the times that the law keeps them for is over, and nothing is open."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from zhizhi.core.kernel.instants import day_in
from zhizhi.core.law.duties import Retention, retention_of
from zhizhi.core.law.law import Law
from zhizhi.store.law.houses import law_of
from zhizhi.store.packs import UnknownProfile
from zhizhi.store.recordings.erasing import (
    FIRST,
    EndedRecording,
    TimeEnded,
    decide_erasure,
    ended_recordings,
    finish_erasures,
)

RECORDS = ("call_centre_recording", "collection_record", "oral_plan_recording")
"""What the recording of a call is to the law. Whether a plan was agreed in it nobody but a listener knows: each may."""
BATCH = 200
FIRST_TO_BEGIN_A_DAY, LAST_TO_BEGIN_A_DAY = ZoneInfo("Etc/GMT-14"), ZoneInfo("Etc/GMT+12")
"""Where a law counts in the zone of whoever is called, days begin late and end late: never a day too early."""


def erase_recordings(at: datetime, beat: Callable[[], None] = lambda: None) -> int:
    """Erase every recording whose time ended, a batch at a time; answers how many octets went.

    Law: retain nodes of the lender's packs, for each of `RECORDS`. Boundary: erased from the day after the last day.
    """
    gone = _finish(at, beat)  # what somebody decided before they died
    after = FIRST
    while found := ended_recordings(at, after, BATCH):
        for one in found:
            ended = time_ended(one, at)
            if ended is not None and decide_erasure(one, ended, at):
                gone += finish_erasures(at, BATCH)
        after = (found[-1].person_id, found[-1].recording_id)
        beat()
    return gone


def _finish(at: datetime, beat: Callable[[], None]) -> int:
    gone = 0
    while done := finish_erasures(at, BATCH):
        gone += done
        beat()
    return gone


def time_ended(found: EndedRecording, at: datetime) -> TimeEnded | None:
    """By which rule its time is over; None while it runs, and where the law is silent, unknown or broken."""
    try:
        law = law_of(found.profile, found.house)
    except UnknownProfile:
        return None
    if law.broken or law.missing:
        return None
    today = day_in(ZoneInfo(law.zone) if law.zone else LAST_TO_BEGIN_A_DAY, at)
    last = last_day(law, today, days_of(found, ZoneInfo(law.zone) if law.zone else FIRST_TO_BEGIN_A_DAY))
    return None if last is None or today <= last[0] else TimeEnded(last[0], last[1], today)


def days_of(found: EndedRecording, zone: ZoneInfo) -> dict[str, date]:
    """The civil days from which the law counts.

    Law: CBRC 2011-2 68: after the latest of contact, case closed, debt settled; a complaint or dispute that ended later
    counts too, since what was said is asked for there. Boundary: while a debt is not settled, as after a case that
    ended as cured, the latest has not come, unless the debt went out of our hands.
    """
    instants = (found.made_at, found.latest_contact_at, found.proceedings_ended_at)
    days = [day_in(zone, instant) for instant in instants if instant is not None]
    ended_on = max(day for day in (*days, found.case_closed_on, found.settled_on) if day is not None)
    came = {"record_made": day_in(zone, found.made_at), "collection_ended": ended_on}
    if found.settled_on is not None:
        came["debt_settled"] = ended_on
    if found.settled_on is not None or found.is_out_of_hands:
        came["case_closed"] = ended_on
    return came


def last_day(law: Law, today: date, days: dict[str, date]) -> tuple[date, str] | None:
    """The last day of the longest time and its rule. None: no rule keeps it, or one waits for its occasion."""
    asked = [retention_of(law, record, today) for record in RECORDS]
    keeping = [one for one in asked if one.least]
    if not keeping or any(one.keep_until(days) is None for one in keeping):
        return None
    return max(_binding(one, days) for one in keeping)


def _binding(kept: Retention, days: dict[str, date]) -> tuple[date, str]:
    return max((one.ends_on(days[one.retain.occasion]), one.rule.id) for one in kept.least)
