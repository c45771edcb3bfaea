"""A second, slow reading of central conduct rules, written from the text of the format on the bare case document.

Hours are asked minute by minute, counts by listing, and a fact that the record leaves open by trying every way it may
have been. It shares nothing with the engine.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import combinations, product
from zoneinfo import ZoneInfo

BEIJING = timezone(timedelta(hours=8))
CALLS = {"voice", "ringless_voicemail"}
MAINLAND = {"Asia/Shanghai", "Asia/Urumqi"}
WEEK = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
TALKED = {"conversation", "connected", "answered_dropped"}
VOICEMAIL = {"voicemail_limited", "voicemail_debt", "voicemail_full"}
UNANSWERED = {"no_answer", "busy", "not_in_service", "rejected"}
NEEDS_EARS = {"agree_hours", "agree_frequency", "request_callback", "offer_to_pay"}
Case = dict
Rule = Callable[[Case], bool]


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def beijing(written: str) -> datetime:
    return instant(written).astimezone(BEIJING)


def day_of(written: str) -> date:
    return beijing(written).date()


def verdict(case: Case, forbids: Rule) -> str:
    """Forbidden if every way the open facts may have been forbids, held if some way does."""
    answers = {forbids(whole) for whole in completions(case)}
    return {frozenset([True]): "forbid", frozenset([False]): "permit"}.get(frozenset(answers), "hold")


def completions(case: Case) -> Iterator[Case]:
    """The case with its open outcomes, lengths and exchanges filled in, in every way that fits what is known."""
    ways = []
    for event in case["events"]:
        known = [event]
        if event["channel"] in CALLS and event["direction"] == "out":
            known = [filled for filled in _fillings(event, case["reading"] == "strict") if _fits(event, filled)]
        elif event["channel"] == "visit" and event["direction"] == "out" and "outcome" not in event:
            known = [{**event, "outcome": outcome} for outcome in ("met", "nobody_met")]
        ways.append(known)
    for chosen in product(*ways):
        yield {**case, "events": list(chosen)}


def _fillings(event: Case, strict: bool) -> Iterator[Case]:
    """Strict: what no record proves short and empty was a talk (A-03), so only an open outcome leaves a choice."""
    proven = strict or event.get("outcome", "connected") not in TALKED
    outcomes = ["conversation", "connected", "voicemail_full", "no_answer", "busy"]
    lengths, exchanges = ([60], [True]) if proven else ([1, 60], [True, False])
    for outcome, seconds, exchanged in product(
        [event["outcome"]] if "outcome" in event else outcomes,
        [event["talk_seconds"]] if "talk_seconds" in event else lengths,
        [event["exchanged"]] if "exchanged" in event else exchanges,
    ):
        yield {**event, "outcome": outcome, "talk_seconds": seconds, "exchanged": exchanged}


def _fits(written: Case, filled: Case) -> bool:
    """A conversation is one where both spoke, unless the record says otherwise; nobody speaks on an unanswered call."""
    if filled["outcome"] == "conversation" and not filled["exchanged"]:
        return "exchanged" in written
    if "outcome" not in written and filled["outcome"] not in TALKED:
        return not written.get("talk_seconds") and not written.get("exchanged")
    return True


def debts_of(case: Case, contact: Case) -> list[str]:
    return contact.get("debts", [debt["id"] for debt in case["debts"]])


def lenders_of(case: Case, contact: Case) -> set[str]:
    return {debt["lender"] for debt in case["debts"] if debt["id"] in debts_of(case, contact)}


def begun_by_them(case: Case, contact: Case) -> bool:
    inbound = {event["id"] for event in case["events"] if event["direction"] == "in"}
    return contact.get("in_session", False) or contact.get("on_call") in inbound


def ours(case: Case) -> list[Case]:
    """Outbound events with the party of the contact about a debt of its lenders, up to its instant."""
    proposed = case["proposed"]
    return [
        event
        for event in case["events"]
        if event["direction"] == "out"
        and event["party"] == proposed["party"]
        and instant(event["at"]) <= instant(proposed["at"])
        and lenders_of(case, event) & lenders_of(case, proposed)
        and not begun_by_them(case, event)
    ]


def reminder(case: Case, contact: Case) -> bool:
    states = {debt["state"] for debt in case["debts"] if debt["id"] in debts_of(case, contact)}
    return contact.get("purpose") == "remind" and states == {"not_due"}


def standing(case: Case, kind: str, at: datetime) -> list[Case]:
    """Statements of the party that stand, those told to others or about other debts left out; later beats earlier."""
    proposed, found = case["proposed"], {}
    for place, said in enumerate(case["statements"]):
        if said["kind"] != kind or said["by"] != proposed["party"] or instant(said.get("received_at", said["at"])) > at:
            continue
        if kind in NEEDS_EARS and said.get("told", "collector") not in (
            "collector",
            "creditor",
            case["collector"]["id"],
        ):
            continue
        if "until" in said and kind != "request_callback" and _over(said["until"], at):
            continue
        taken_back = any(
            later["kind"] == "withdraw" and later["of"] == kind and later["by"] == said["by"]
            and instant(later.get("received_at", later["at"])) <= at
            for later in case["statements"][place + 1 :]
        )  # fmt: skip
        if not taken_back:
            scope = (said.get("point"), said.get("on") if kind == "agree_hours" else None, tuple(said.get("days", ())))
            found.pop(scope, None)
            found[scope] = said
    return list(found.values())


def _over(until: str, at: datetime) -> bool:
    return instant(until) <= at if "T" in until else date.fromisoformat(until) < at.astimezone(BEIJING).date()


def callback(case: Case, both_ends_named: bool = False) -> bool:
    proposed, at = case["proposed"], instant(case["proposed"]["at"])
    if proposed["channel"] != "voice" or proposed["purpose"] != "answer_request":
        return False
    for said in standing(case, "request_callback", at):
        start = instant(said.get("from", said.get("received_at", said["at"])))
        midnight = datetime.combine(start.astimezone(BEIJING).date() + timedelta(days=1), datetime.min.time(), BEIJING)
        end = instant(said["until"]) if "until" in said else midnight
        finish = instant(proposed.get("expected_end_at", proposed["at"])) if case["reading"] == "strict" else at
        made = [
            event for event in ours(case)
            if event["channel"] in CALLS and start <= instant(event["at"]) < end and event["outcome"] not in UNANSWERED
        ]  # fmt: skip
        named = "from" in said and "until" in said
        fits = start <= at < end and finish <= end and said.get("point") in (None, proposed.get("point"))
        if fits and not made and (named or not both_ends_named):
            return True
    return False


def outside_hours(case: Case) -> bool:
    """Whether some minute of the contact lies outside the hours; in the plain reading its first instant alone."""
    proposed = case["proposed"]
    if begun_by_them(case, proposed) or callback(case, both_ends_named=True):
        return False
    at = instant(proposed["at"])
    instants = [at]
    if case["reading"] == "strict":
        end = instant(proposed.get("expected_end_at", proposed["at"]))
        minute = at.replace(second=0) + timedelta(minutes=1)
        while minute < end:
            instants.append(minute)
            minute += timedelta(minutes=1)
    return not all(_open(case, moment) for moment in instants)


def _open(case: Case, moment: datetime) -> bool:
    abroad = [zone for zone in case["debtor"]["time_zones"] if zone not in MAINLAND and case["reading"] == "strict"]
    if any(not 8 <= moment.astimezone(ZoneInfo(zone)).hour < 22 for zone in abroad):
        return False
    local = moment.astimezone(BEIJING)
    second = local.hour * 3600 + local.minute * 60 + local.second
    first, last = _hours(case, local.date(), moment)
    before = _hours(case, local.date() - timedelta(days=1), moment)
    return first * 60 <= second < last * 60 or before[0] * 60 <= second + 86400 < before[1] * 60


def _hours(case: Case, day: date, moment: datetime) -> tuple[int, int]:
    """Minutes of a day, by the agreement for that date, else for its weekday, else for every day; else by the law."""
    is_debtor = {party["id"]: party["role"] for party in case["parties"]}[case["proposed"]["party"]] == "debtor"
    agreed = standing(case, "agree_hours", moment) if is_debtor else []
    for fits in (
        lambda said: said.get("on") == day.isoformat(),
        lambda said: "on" not in said and WEEK[day.weekday()] in said.get("days", ()),
        lambda said: "on" not in said and "days" not in said,
    ):
        chosen = [said for said in agreed if fits(said)]
        if chosen:
            said = chosen[-1]
            first, last = (int(said[key][:2]) * 60 + int(said[key][3:]) for key in ("from", "to"))
            last += 1440 if last <= first else 0
            return (first, last) if said["form"] == "specific" else (max(first, 480), min(last, 1320))
    return 480, 1320


def _calls_of_the_day(case: Case) -> list[list[Case]]:
    """The calls of the day, those that were one physical call in one list."""
    groups: dict[str, list[Case]] = {}
    today = day_of(case["proposed"]["at"])
    for event in ours(case):
        if event["channel"] in CALLS and day_of(event["at"]) == today and not reminder(case, event):
            groups.setdefault(event.get("physical", f"alone {event['id']}"), []).append(event)
    return list(groups.values())


def _uncapped(case: Case) -> bool:
    proposed = case["proposed"]
    role = {party["id"]: party["role"] for party in case["parties"]}[proposed["party"]]
    return (
        proposed["channel"] not in CALLS
        or role not in ("debtor", "co_borrower")
        or begun_by_them(case, proposed)
        or reminder(case, proposed)
        or proposed["purpose"] in ("serve", "required_by_law")
        or callback(case)
    )


def _agreed_a_day(case: Case, to_number: bool) -> list[int]:
    today, point = day_of(case["proposed"]["at"]).isoformat(), case["proposed"].get("point")
    on_day = {**case, "statements": [said for said in case["statements"] if said.get("on", today) == today]}
    return [
        said["per_day"]
        for said in standing(on_day, "agree_frequency", instant(case["proposed"]["at"]))
        if "point" not in said or (to_number and said["point"] == point)
    ]


def valid_calls_full(case: Case) -> bool:
    """GBT-027; strict: one pool of everything answered (A-02, A-03)."""
    if _uncapped(case) or case["proposed"].get("form", "interactive") != "interactive":
        return False
    limit = min([3, *_agreed_a_day(case, to_number=False)])
    counts = _answered if case["reading"] == "strict" else _valid
    return sum(any(counts(event) for event in group) for group in _calls_of_the_day(case)) >= limit


def notices_full(case: Case) -> bool:
    """GBT-026; plain: connected notices of any length, and an agreement may raise the number."""
    if _uncapped(case) or case["proposed"].get("form", "interactive") != "notification":
        return False
    agreed = _agreed_a_day(case, to_number=False)
    if case["reading"] == "strict":
        used = sum(any(_answered(event) for event in group) for group in _calls_of_the_day(case))
        return used >= min([3, *agreed])
    used = sum(
        any(event.get("form") == "notification" and event["outcome"] in TALKED for event in group)
        for group in _calls_of_the_day(case)
    )
    return used >= (min(agreed) if agreed else 3)


def _valid(event: Case) -> bool:
    interactive = event.get("form", "interactive") == "interactive"
    return interactive and event["outcome"] in TALKED and event["talk_seconds"] >= 6 and event["exchanged"]


def _answered(event: Case) -> bool:
    if event["outcome"] not in TALKED | VOICEMAIL:
        return False
    return event.get("form") == "notification" or event["talk_seconds"] >= 6 or event["exchanged"]


def dials_full(case: Case) -> bool:
    """CBA-012; plain: unanswered dials of the same collector and kind; an agreement counts either way."""
    if _uncapped(case):
        return False
    proposed, us = case["proposed"], case["collector"]["id"]
    agreed = _agreed_a_day(case, to_number=True)

    def counts(event: Case) -> bool:
        if event["point"] != proposed["point"]:
            return False
        alike = event.get("by", us) == us and event.get("robot", False) == proposed.get("robot", False)
        return case["reading"] == "strict" or (alike and event["outcome"] not in TALKED)

    used = sum(any(counts(event) for event in group) for group in _calls_of_the_day(case))
    return used >= (min(agreed) if agreed else 6)


def letter_too_soon(case: Case) -> bool:
    """GBT-031; strict: not before day D+8 (A-16)."""
    proposed, today = case["proposed"], day_of(case["proposed"]["at"])
    role = {party["id"]: party["role"] for party in case["parties"]}[proposed["party"]]
    exempt = reminder(case, proposed) or proposed["purpose"] in ("serve", "required_by_law")
    if proposed["channel"] != "letter" or role not in ("debtor", "co_borrower") or exempt:
        return False
    product_of = {debt["id"]: (debt["lender"], debt["product"]) for debt in case["debts"]}
    about = {product_of[debt] for debt in debts_of(case, proposed)}
    return any(
        event["channel"] == "letter"
        and event.get("purpose") != "serve"
        and about & {product_of[debt] for debt in debts_of(case, event)}
        and (today - day_of(event["at"])).days < (8 if case["reading"] == "strict" else 7)
        for event in ours(case)
    )


def refused(case: Case) -> bool:
    """GBT-013, CBA-021: a third person who asks for it is not contacted again."""
    proposed = case["proposed"]
    if (
        _owes(case)
        or begun_by_them(case, proposed)
        or proposed["purpose"] in ("serve", "required_by_law", "complaint_reply")
    ):
        return False
    at = instant(proposed["at"])
    return bool(standing(case, "refuse_contact", at) or standing(case, "cease", at))


def _owes(case: Case) -> bool:
    party = next(party for party in case["parties"] if party["id"] == case["proposed"]["party"])
    return party["role"] == "debtor" or (party["role"] == "co_borrower" and party["liability_evidence"])


def not_lost(case: Case) -> bool:
    """CBA-017 to CBA-019 under A-09: whether contact with the debtor was not lost, so that nobody else is asked."""
    proposed = case["proposed"]
    if (
        _owes(case)
        or begun_by_them(case, proposed)
        or proposed["purpose"] in ("serve", "required_by_law", "complaint_reply")
    ):
        return False
    if proposed["purpose"] == "answer_request" and standing(case, "offer_to_pay", instant(proposed["at"])):
        return False
    at, strict = instant(proposed["at"]), case["reading"] == "strict"
    debtors = {party["id"] for party in case["parties"] if party["role"] == "debtor"}
    numbers = {
        point["id"]: point
        for point in case["points"]
        if point["party"] in debtors and not point.get("misdirected", False)
    }
    reserved = [name for name, point in numbers.items() if point["kind"] == "mobile" and point.get("reserved")]
    history = [event for event in case["events"] if event["party"] in debtors and instant(event["at"]) <= at]
    reached_at = None
    while any(_reached(event, strict) for event in history):
        reached_at, history = instant(history[0]["at"]), history[1:]
    failed = [
        event for event in history if _failed(event, strict) and lenders_of(case, event) & lenders_of(case, proposed)
    ]
    if strict and not all(
        _dead(point, at) or name in reserved or any(event["point"] == name for event in failed)
        for name, point in numbers.items()
        if point["kind"] in ("mobile", "landline") and point.get("source") not in ("purchased", "address_book")
    ):
        return True
    dialled = [instant(event["at"]) for event in failed if event["point"] in reserved]
    openings = [*_after_three(dialled, strict), *_after_three_days(dialled, strict)]
    if reserved and all(_dead(numbers[name], at) for name in reserved):
        died = max(instant(numbers[name]["invalid_since"]) for name in reserved)
        openings += [died] if reached_at is None or died > reached_at else []
    return not any(opening <= at for opening in openings)


def _dead(point: Case, at: datetime) -> bool:
    return "invalid_since" in point and instant(point["invalid_since"]) <= at


def _reached(event: Case, strict: bool) -> bool:
    if event["direction"] == "in":
        return True
    by_voicemail = strict and event["channel"] == "voice" and event.get("outcome") in VOICEMAIL
    return event.get("outcome") in TALKED | {"rejected", "met"} or by_voicemail


def _failed(event: Case, strict: bool) -> bool:
    silent = {"no_answer", "not_in_service"} | (set() if strict else VOICEMAIL)
    return event["direction"] == "out" and event["channel"] == "voice" and event["outcome"] in silent


def _next_day(moment: datetime, strict: bool) -> datetime:
    day = moment.astimezone(BEIJING).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, 8 if strict else 0, tzinfo=BEIJING)


def _after_three(dialled: list[datetime], strict: bool) -> list[datetime]:
    apart = timedelta(hours=1) if strict else timedelta(0)
    rows = [row for row in combinations(dialled, 3) if row[1] - row[0] >= apart and row[2] - row[1] >= apart]
    return [_next_day(min(row[2] for row in rows), strict)] if rows else []


def _after_three_days(dialled: list[datetime], strict: bool) -> list[datetime]:
    for moment in dialled:
        day = moment.astimezone(BEIJING).date()
        days = {other.astimezone(BEIJING).date() for other in dialled}
        if {day - timedelta(days=1), day - timedelta(days=2)} <= days:
            return [_next_day(moment, strict) if strict else moment]
    return []
