"""A second, slow reading of the rules of time and frequency of Regulation F, written from the bare case document.

Hours are asked minute by minute on every clock, windows by listing days or seconds, and a fact that the record leaves
open by trying every way it may have been. It shares nothing with the engine.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

Case = dict
Rule = Callable[[Case], bool]
CALLS = {"voice", "ringless_voicemail"}
WEEK = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
OFF_THE_LINE = {"busy", "not_in_service", "undelivered"}
SILENT = {"no_answer", "rejected", "voicemail_limited", "voicemail_debt", "voicemail_full"}
CONSUMERS = {"debtor", "co_borrower", "guarantor", "spouse", "guardian"}
PROFESSIONAL = {"attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau"}


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def zones(case: Case) -> list[ZoneInfo]:
    return [ZoneInfo(key) for key in case["debtor"]["time_zones"]]


def day_of(case: Case, written: str) -> date:
    return instant(written).astimezone(zones(case)[0]).date()


def says(case: Case, broken: Rule) -> str:
    """`broken` if every way the open facts may have been breaks the rule, `open` if some way does, else `kept`."""
    answers = {broken(whole) for whole in completions(case)}
    return "open" if len(answers) == 2 else "broken" if True in answers else "kept"


def completions(case: Case) -> Iterator[Case]:
    ways = []
    for event in case["events"]:
        known = [event]
        if event["channel"] in CALLS and "outcome" not in event and event["direction"] != "internal":
            known = [{**event, "outcome": outcome} for outcome in _outcomes(event)]
        about = event.get("debts", [debt["id"] for debt in case["debts"]])
        if event["channel"] in CALLS and "attributed_to" not in event and len(about) > 1:
            known = [{**one, "attributed_to": debt} for one in known for debt in about]
        ways.append(known)
    for chosen in product(*ways):
        yield {**case, "events": list(chosen)}


def _outcomes(event: Case) -> list[str]:
    """What an open call may have been: both spoke or nobody did, where the record says so."""
    spoke, silent = ["conversation"], ["no_answer", "busy"]
    return spoke if event.get("exchanged") else silent if "exchanged" in event else spoke + silent


def role(case: Case) -> str:
    return next(party["role"] for party in case["parties"] if party["id"] == case["proposed"]["party"])


def begun_by_them(case: Case, contact: Case) -> bool:
    inbound = {event["id"] for event in case["events"] if event["direction"] == "in"}
    return contact.get("in_session", False) or contact.get("on_call") in inbound


def moments(case: Case) -> Iterator[datetime]:
    """The instants of the contact that count: its first one; strict, every minute before its planned end."""
    at = instant(case["proposed"]["at"])
    yield at
    if case["reading"] == "strict":
        end = instant(case["proposed"].get("expected_end_at", case["proposed"]["at"]))
        minute = at.replace(second=0) + timedelta(minutes=1)
        while minute < end:
            yield minute
            minute += timedelta(minutes=1)


def time_agreed(case: Case) -> bool:
    proposed, strict = case["proposed"], case["reading"] == "strict"
    at = instant(proposed["at"])
    end = instant(proposed.get("expected_end_at", proposed["at"])) if strict else at
    return any(
        said["kind"] == "consent_time"
        and said["by"] == proposed["party"]
        and said.get("told", "collector") in ("collector", case["collector"]["id"])
        and max(instant(said["from"]), instant(said["at"])) <= at < instant(said["until"])
        and end <= instant(said["until"])
        and not any(
            later["kind"] == "inconvenient_time" and instant(later["at"]) > instant(said["at"])
            and any(_bad(later, moment, zone, strict=False) for moment in moments(case) for zone in zones(case))
            for later in case["statements"] if later["by"] == proposed["party"]
        )
        for said in case["statements"]
    )  # fmt: skip


def outside_hours(case: Case) -> bool:
    """US-01, US-02: neither edge in strict, both in text; strict protects third persons too."""
    strict = case["reading"] == "strict"
    protected = role(case) not in PROFESSIONAL if strict else role(case) in CONSUMERS
    if not protected or begun_by_them(case, case["proposed"]) or time_agreed(case):
        return False
    return not all(_in_hours(moment, zone, strict) for moment in moments(case) for zone in zones(case))


def _in_hours(moment: datetime, zone: ZoneInfo, strict: bool) -> bool:
    local = moment.astimezone(zone)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return 8 * 3600 < second < 21 * 3600 if strict else 8 * 3600 <= second <= 21 * 3600


def at_a_bad_time(case: Case) -> bool:
    """US-04: an end that was named is still a bad time in strict."""
    proposed = case["proposed"]
    if role(case) in PROFESSIONAL or begun_by_them(case, proposed) or time_agreed(case):
        return False
    return any(
        _bad(said, moment, zone, case["reading"] == "strict")
        for said in case["statements"]
        if said["kind"] == "inconvenient_time" and said["by"] == proposed["party"]
        for moment in moments(case)
        for zone in zones(case)
    )


def _bad(said: Case, moment: datetime, zone: ZoneInfo, strict: bool) -> bool:
    if moment < instant(said["at"]):
        return False
    first = _minute(said.get("from", "00:00"))
    last = _minute(said["to"]) if "to" in said else 1440
    last += 1440 if last <= first else 0
    tail = 1 if strict and "to" in said else 0
    for back in (0, 1):
        day = moment.astimezone(zone).date() - timedelta(days=back)
        midnight = datetime.combine(day, datetime.min.time(), zone)
        named = "days" not in said or WEEK[day.weekday()] in said["days"]
        since = (moment.astimezone(zone).replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()
        if named and first * 60 <= since < last * 60 + tail:
            return True
    return False


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def key_of(case: Case, debt: str) -> str:
    found = next(one for one in case["debts"] if one["id"] == debt)
    return found.get("group", found["id"])


def keys_of(case: Case, contact: Case) -> set[str]:
    return {key_of(case, debt) for debt in contact.get("debts", [debt["id"] for debt in case["debts"]])}


def keys_at_stake(case: Case) -> set[str]:
    chosen = case["proposed"].get("attributed_to")
    return {key_of(case, chosen)} if chosen else keys_of(case, case["proposed"])


def counted_to(case: Case, event: Case) -> set[str]:
    """US-19: a call that named its debts counts to each of them, any other to the one that was chosen."""
    about = keys_of(case, event)
    if "attributed_to" not in event or (len(about) == 1 and key_of(case, event["attributed_to"]) in about):
        return about
    chosen = key_of(case, event["attributed_to"])
    spoke = event["outcome"] in ("conversation", "connected", "answered_dropped") and event.get("about_debt", False)
    named = event["outcome"] == "voicemail_debt" or spoke
    return about if named and chosen in about else {chosen}


def talked_about(case: Case, event: Case) -> set[str]:
    if event.get("about_debt", True) or "attributed_to" not in event:
        return keys_of(case, event)
    return {key_of(case, event["attributed_to"])}


def wrong_number(case: Case, event: Case) -> bool:
    return any(point["id"] == event["point"] and point.get("misdirected", False) for point in case["points"])


def is_talk(case: Case, event: Case) -> bool:
    if event["channel"] != "voice" or event["direction"] == "internal" or wrong_number(case, event):
        return False
    if event["outcome"] == "conversation":
        return True
    dropped = event["outcome"] == "answered_dropped" and case["reading"] == "strict"
    return (dropped or event["outcome"] == "connected") and event.get("exchanged", False)


def same_side(case: Case, event: Case) -> bool:
    own = case["collector"]["id"]
    return case["reading"] == "strict" or event.get("by", own) == own


def consented(case: Case, party: str, at: datetime, past: bool) -> bool:
    """US-18: seven days from receipt, that day included, until a talk about the debt."""
    for said in case["statements"]:
        if said["kind"] != "consent_calls" or said["by"] != party or said.get("told", "collector") != "collector":
            continue
        since = instant(said.get("received_at", said["at"]))
        today, first = at.astimezone(zones(case)[0]).date(), since.astimezone(zones(case)[0]).date()
        begins = max(first, date.fromisoformat(said["from"])) if "from" in said else first
        ends = min(first + timedelta(days=6), date.fromisoformat(said.get("until", "2199-01-01")))
        talks = [
            event for event in case["events"]
            if event["party"] == party and is_talk(case, event) and since < instant(event["at"]) <= at
            and not (past and instant(event["at"]) == at) and talked_about(case, event) & keys_at_stake(case)
        ]  # fmt: skip
        if since <= at and begins <= today <= ends and not talks:
            return True
    return False


def placed(case: Case) -> list[Case]:
    """Calls to the party of the contact that reached the line of the right number, up to its instant."""
    proposed = case["proposed"]
    return [
        event
        for event in case["events"]
        if event["channel"] in CALLS
        and event["direction"] == "out"
        and event["party"] == proposed["party"]
        and instant(event["at"]) <= instant(proposed["at"])
        and event["outcome"] not in OFF_THE_LINE
        and not begun_by_them(case, event)
        and not wrong_number(case, event)
    ]


def uncapped(case: Case) -> bool:
    proposed = case["proposed"]
    return proposed["channel"] not in CALLS or role(case) in PROFESSIONAL or begun_by_them(case, proposed)


def over_seven(case: Case) -> bool:
    """US-16: seven calls about one debt on the day of the contact and the six before it."""
    at = instant(case["proposed"]["at"])
    if uncapped(case) or consented(case, case["proposed"]["party"], at, past=False):
        return False
    today = day_of(case, case["proposed"]["at"])
    week = {today - timedelta(days=back) for back in range(7)}
    for key in keys_at_stake(case):
        calls = {
            event.get("physical", event["id"])
            for event in placed(case)
            if day_of(case, event["at"]) in week
            and key in counted_to(case, event)
            and same_side(case, event)
            and not consented(case, event["party"], instant(event["at"]), past=True)
        }
        if len(calls) >= 7:
            return True
    return False


def after_a_talk(case: Case) -> bool:
    """US-17: not on the day of a talk about the debt, nor on the six days after it."""
    at = instant(case["proposed"]["at"])
    if uncapped(case) or consented(case, case["proposed"]["party"], at, past=False):
        return False
    today = day_of(case, case["proposed"]["at"])
    return any(
        event["party"] == case["proposed"]["party"]
        and is_talk(case, event)
        and instant(event["at"]) <= at
        and (today - day_of(case, event["at"])).days < 7
        and same_side(case, event)
        and talked_about(case, event) & keys_at_stake(case)
        for event in case["events"]
    )


def in_rapid_succession(case: Case) -> bool:
    """US-20: less than five minutes after a call that nobody took."""
    at = instant(case["proposed"]["at"])
    return not uncapped(case) and any(
        event["outcome"] in SILENT and at - instant(event["at"]) < timedelta(minutes=5) for event in placed(case)
    )


def seventh_of_the_day(case: Case) -> bool:
    """US-20: six calls of the day before this one, whatever they were about."""
    today = day_of(case, case["proposed"]["at"])
    calls = {event.get("physical", event["id"]) for event in placed(case) if day_of(case, event["at"]) == today}
    return not uncapped(case) and len(calls) >= 6
