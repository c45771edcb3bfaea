"""Random conduct cases for comparing the batch with the single decision: dense around the edges of every rule, or of
persons as a book has them, about most of whom the tables tell everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from reference.closures import moved
from zhizhi.core.conduct.case import Case, Proposed, parse_case
from zhizhi.core.conduct.words import DEBT_STATES, DEBTOR_STATES, MARKS, OUTCOMES, PLACES, PURPOSES, ROLES

DAY = datetime.fromisoformat("2026-03-02T00:00:00+08:00")
MINUTES = (0, 1, 479, 480, 481, 540, 570, 600, 720, 780, 1200, 1289, 1290, 1319, 1320, 1321, 1410, 1439)
CLOCKS = ["00:00", "06:00", "08:00", "09:30", "12:00", "20:00", "22:00", "23:30"]
CALLED = [o for o in OUTCOMES if o not in ("met", "nobody_met", "received", "session_open", "session_closed")]
LENGTHS = [0, 1, 30, 31, 600, 1500]
ABROAD = [["Asia/Urumqi"], ["Asia/Shanghai", "Asia/Tokyo"], ["Europe/London"], ["America/New_York", "Asia/Kolkata"]]
COLLECT = ["collect", "collect", "collect", "locate", "answer_request", "remind", "serve"]


@dataclass(frozen=True, slots=True)
class Density:
    """How much of what few persons have is there: `rare` scales its chances.

    `statements`, `events`: how many, by choice; `event_days`: spans of days about the day of the proposals;
    `event_minutes`: minutes of those days, of which what lies after a proposal may move its next instant.
    """

    rare: float
    statements: tuple[int, ...]
    events: tuple[int, ...]
    event_days: tuple[tuple[int, int], ...]
    event_minutes: tuple[int, ...]


DENSE = Density(1, (0, 0, 0, 1, 2, 4), (0, 1, 3, 6, 10, 14), ((-9, 0), (-3, 0), (0, 0), (-1, 1)), MINUTES)
BOOK = Density(
    0.12, (0, 0, 0, 0, 0, 0, 1, 2), (0, 1, 3, 6, 10, 14), ((-9, 0), (-9, -1), (-3, -1), (-1, -1), (0, 0)), MINUTES[:9],
)  # fmt: skip
WAYS, INSTANTS = 3, 4
"""Contacts proposed to a person of a book, and instants at which each is proposed."""


Asked = tuple[Case, dict[str, Any]]
"""A case, and the document that it was read from before its contact was moved to another instant."""


def cases(profile: str, reading: str, count: int, seed: int) -> Iterator[Case]:
    """So many dense cases of a profile, the same for the same seed."""
    return (case for case, _ in dense(profile, reading, count, seed))


def dense(profile: str, reading: str, count: int, seed: int) -> Iterator[Asked]:
    """The same with their documents."""
    random = Random(seed)
    for number in range(count):
        written = document(random, f"{seed}-{number}", profile, reading)
        yield parse_case(written), written


def people(profile: str, reading: str, count: int, seed: int) -> Iterator[list[Asked]]:
    """So many persons of a book, each with different contacts at several instants."""
    random = Random(seed)
    for number in range(count):
        written = document(random, f"{seed}-{number}", profile, reading, BOOK)
        asked: dict[Proposed, Asked] = {}
        for _ in range(WAYS):
            case = parse_case(written)
            for one in (case, *(moved(case, _at(random, (0, 0))) for _ in range(INSTANTS - 1))):
                asked.setdefault(one.proposed, (one, written))
            again = proposed(random, written["parties"], written["points"], written["debts"], written["events"], BOOK)
            written = {**written, "proposed": again, "collector": collector(random, BOOK.rare)}
        yield list(asked.values())


def _at(random: Random, days: tuple[int, int]) -> datetime:
    return datetime.fromisoformat(instant(random, days)).astimezone(UTC)


def instant(random: Random, days: tuple[int, int], minutes: tuple[int, ...] = MINUTES) -> str:
    """An instant near an edge of the hours on a day from the first up to the last."""
    at = DAY + timedelta(days=random.randint(*days), minutes=random.choice(minutes))
    return (at + timedelta(seconds=random.choice([0, 0, 0, 59, 30.5]))).isoformat()


def some(random: Random, chance: float, **keys: Any) -> dict[str, Any]:
    """Each key with a chance."""
    return {key: value for key, value in keys.items() if random.random() < chance}


def document(random: Random, name: str, profile: str, reading: str, density: Density = DENSE) -> dict[str, Any]:
    """One case document."""
    rare = density.rare
    debts = _debts(random, rare)
    ids = [debt["id"] for debt in debts]
    parties = _parties(random)
    points = _points(random, parties)
    events = _events(random, parties, points, ids, density)
    facts = some(random, 0.04 * rare, complaint_open=True, no_contact_order_until=instant(random, (0, 3)))
    facts |= some(random, 0.06 * rare, hardship_until="2026-03-03", unreachable_by_contract=random.random() < 0.5)
    return {
        "id": name, "profile": profile, "reading": reading,
        "debtor": {
            "time_zones": random.choice(ABROAD) if random.random() < 0.4 * rare else ["Asia/Shanghai"],
            **_states(random, "normal", DEBTOR_STATES, 0.12 * rare),
        },
        "case": facts, "reviews": _reviews(random, rare), "debts": debts, "parties": parties, "points": points,
        "collector": collector(random, rare), "events": events,
        "statements": _statements(random, parties, points, ids, density.statements),
        "proposed": proposed(random, parties, points, debts, events, density),
    }  # fmt: skip


def _states(random: Random, usual: str, states: tuple[str, ...], chance: float) -> dict[str, Any]:
    if random.random() >= chance:
        return {"state": usual}
    if random.random() < 0.5:
        return {"state": random.choice(states)}
    spans = []
    for _ in range(random.randint(1, 3)):
        since, until = sorted([instant(random, (-2, 0)), instant(random, (0, 2))])
        spans.append({"state": random.choice(states), **some(random, 0.7, since=since, until=until)})
    return {"states": spans}


def _debts(random: Random, rare: float) -> list[dict[str, Any]]:
    return [
        {
            "id": f"d{n}", "lender": random.choice(["L1", "L1", "L2"]),
            **_states(random, random.choice(["overdue", "overdue", "overdue", "not_due"]), DEBT_STATES, 0.15 * rare),
            **some(random, 0.8, product=random.choice(["P1", "P2"])),
        }
        for n in range(random.choice([1, 1, 1, 2, 3]))
    ]  # fmt: skip


def _parties(random: Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"id": "p1", "role": "debtor"}]
    for n in range(random.choice([0, 1, 1, 2])):
        found.append({
            "id": f"q{n}", "role": random.choice(ROLES[1:]),
            **some(random, 0.5, named_by_debtor=random.random() < 0.7, liability_evidence=random.random() < 0.6,
                   estate_value_minor=random.choice([0, 100])),
        })  # fmt: skip
    return found


def _points(random: Random, parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for party in parties:
        for n in range(random.choice([1, 2, 3])):
            kind = random.choice(["mobile", "mobile", "landline", "place", "email"])
            found.append({
                "id": f"{party['id']}m{n}", "party": party["id"], "kind": kind,
                **some(random, 0.7, source=random.choice(["contract", "given", "given", "purchased"])),
                **some(random, 0.6, reserved=random.random() < 0.8),
                **some(random, 0.3, place=random.choice(PLACES)),
                **some(random, 0.1, owner=random.choice(["debtor", "employer"]), misdirected=random.random() < 0.5,
                       invalid_since=instant(random, (-2, 0))),
            })  # fmt: skip
    return found


def collector(random: Random, rare: float) -> dict[str, Any]:
    """Who proposes; another may propose each contact. Days of edges are as rare as the rest."""
    days = ["2025-01-01", "2025-03-02", "2025-03-03", "2026-01-05", "2026-03-02", "2026-03-05"]

    def day(first: int) -> str:
        return random.choice(days[first:]) if random.random() < rare else "2026-01-06"

    found: dict[str, Any] = {"kind": random.choice(["lender", "lender", "agency"]), "id": random.choice(["L1", "A1"])}
    found |= some(random, 0.9, listed=random.random() < 0.9, evaluated_on=day(2))
    found |= some(random, 0.9, inspected_on=day(1), contract_ends_on=day(3) if random.random() < rare else "2027-12-31")
    if random.random() < 0.9:
        found["person"] = {
            "id": "u1", **some(random, 0.95, trained_on=day(1), private_device=random.random() < 0.1),
            **some(random, 0.5, private_device_approved=random.random() < 0.5),
        }  # fmt: skip
    return found


def _reviews(random: Random, rare: float) -> list[dict[str, Any]]:
    rules = ["A-19", "A-20", "ST-10", "GBT-027", "GBT-012", "ST-01", "GBT-026"]
    return [
        {
            "rule": random.choice(rules), "at": instant(random, (-1, 0)), "by": "r1", "until": "2026-03-02",
            **some(random, 0.3, channels=["voice"]),
        }
        for _ in range(random.choice([1, 2]) if random.random() < 0.2 * rare else 0)
    ]  # fmt: skip


def _events(random: Random, parties: Any, points: Any, debts: list[str], density: Density) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    days = random.choice(density.event_days)
    instants = sorted(instant(random, days, density.event_minutes) for _ in range(random.choice(density.events)))
    for n, at in enumerate(instants):
        party = random.choice([parties[0], parties[0], random.choice(parties)])["id"]
        channel = random.choice(["voice"] * 7 + ["ringless_voicemail", "visit", "letter", "letter", "sms", "web"])
        event: dict[str, Any] = {
            "id": f"e{n}", "at": at, "channel": channel, "party": party,
            "direction": random.choice(["out"] * 9 + ["in", "internal"]), "robot": random.random() < 0.3,
            "form": random.choice(["interactive", "interactive", "notification"]),
            **some(random, 0.9, outcome=random.choice(CALLED if channel == "voice" else OUTCOMES)),
            **some(random, 0.8, point=random.choice([p["id"] for p in points if p["party"] == party])),
            **some(random, 0.6, by=random.choice(["L1", "A1"])),
            **some(random, 0.7, talk_seconds=random.choice([0, 5, 6, 60]), exchanged=random.random() < 0.5),
            **some(random, 0.3, debts=random.sample(debts, random.randint(1, len(debts)))),
            **some(random, 0.15, physical=random.choice(["x", "y"]), purpose=random.choice(PURPOSES)),
        }  # fmt: skip
        if n and random.random() < 0.08:
            event["on_call"] = f"e{random.randrange(n)}"
        if random.random() < 0.04:
            event["in_session"] = True
        found.append(event)
    return found


def proposed(random: Random, parties: Any, points: Any, debts: Any, events: Any, density: Density) -> dict[str, Any]:
    """A contact; several may be drawn for one case."""
    ids = [debt["id"] for debt in debts]
    party = random.choice([parties[0], parties[0], random.choice(parties)])["id"]
    at = instant(random, (0, 0)) if random.random() < 0.9 else instant(random, (-1, 3))
    channel = random.choice(["voice"] * 5 + ["sms", "letter", "visit", "im", "email", "ringless_voicemail", "app"])
    sound = random.random() < 0.7
    found: dict[str, Any] = {
        "at": at, "channel": channel, "direction": "out", "party": party, "robot": random.random() < 0.2,
        "purpose": random.choice(COLLECT if random.random() < 0.8 else PURPOSES),
        "form": random.choice(["interactive", "interactive", "notification"]),
        **some(random, 0.9, point=random.choice([p["id"] for p in points if p["party"] == party])),
        **some(random, 1 if sound else 0.8, discloses_debt=random.random() < 0.5, recording="on" if sound else "off"),
        **some(random, 1 if sound else 0.8, identifies_collector=sound, names_principal=sound, id_shown=sound),
        **some(random, 1 if sound else 0.6, content=[] if sound else [random.choice(MARKS)], team_size=1 + sound),
        **some(random, 0.2, place=random.choice(PLACES), known_place=random.choice(PLACES)),
        **some(random, 0.3, enters_premises=random.random() < 0.3),
        **some(random, 0.2, debts=random.sample(ids, random.randint(1, len(ids)))),
        **some(random, 0.03, in_session=True),
    }  # fmt: skip
    if random.random() < 0.3:
        length = random.choice(LENGTHS if random.random() < density.rare else LENGTHS[:4])
        end = datetime.fromisoformat(at) + timedelta(minutes=length)
        found["expected_end_at"] = end.isoformat()
    if events and random.random() < 0.1:
        found[random.choice(["in_reply_to", "on_call"])] = random.choice(events)["id"]
    return found


def _statements(
    random: Random, parties: Any, points: Any, debts: list[str], how_many: tuple[int, ...]
) -> list[dict[str, Any]]:
    made = []
    for _ in range(random.choice(how_many)):
        kind = random.choice(list(_KINDS))
        said = {
            "at": instant(random, (-3, 0)),
            "by": random.choice([parties[0], random.choice(parties)])["id"],
            "kind": kind,
        }
        said |= some(random, 0.15, told=random.choice(["creditor", "A1", "X9"]), debt=random.choice(debts))
        said |= some(random, 0.1, received_at=(datetime.fromisoformat(said["at"]) + timedelta(hours=9)).isoformat())
        made.append(said | _KINDS[kind](random, [point["id"] for point in points]))
    return sorted(made, key=lambda one: datetime.fromisoformat(str(one["at"])))


def _until(random: Random) -> dict[str, Any]:
    return some(random, 0.3, until=random.choice(["2026-03-01", "2026-03-02", "2026-03-02T09:00:00+08:00"]))


def _agreed_hours(random: Random, _points: list[str]) -> dict[str, Any]:
    days = some(random, 0.3, days=random.choice([["MON"], ["SUN", "MON"], ["TUE"]]))
    days |= some(random, 0.15, on=random.choice(["2026-03-01", "2026-03-02", "2026-03-03"]))
    form = random.choice(["specific", "standard_clause"])
    return (
        {"from": random.choice(CLOCKS), "to": random.choice([*CLOCKS, "24:00"]), "form": form} | days | _until(random)
    )


def _bad_time(random: Random, _points: list[str]) -> dict[str, Any]:
    ends = some(random, 0.8, **{"from": random.choice(CLOCKS), "to": random.choice(CLOCKS)})
    return ends | some(random, 0.3, days=random.choice([["MON"], ["SUN", "TUE"]])) | _until(random)


def _callback(random: Random, points: list[str]) -> dict[str, Any]:
    span = some(random, 0.5, **{"from": "2026-03-02T08:00:00+08:00"})
    span |= some(random, 0.5, until=random.choice(["2026-03-02T22:30:00+08:00", "2026-03-02T12:00:00+08:00"]))
    return span | some(random, 0.3, point=random.choice(points))


def _number(random: Random, points: list[str]) -> dict[str, Any]:
    narrow = some(random, 0.3, point=random.choice(points), on="2026-03-02")
    return {"per_day": random.randint(0, 8)} | narrow | _until(random)


def _visit(random: Random, _points: list[str]) -> dict[str, Any]:
    told = some(random, 0.9, purpose_told=random.random() < 0.9, consequences_told=random.random() < 0.9)
    return {"place": random.choice(PLACES)} | told | some(random, 0.2, on="2026-03-02") | _until(random)


def _withdrawal(random: Random, points: list[str]) -> dict[str, Any]:
    of = random.choice(
        ["agree_hours", "refuse_contact", "refuse_point", "inconvenient_time", "consent_visit", "dispute"]
    )
    return {"of": of} | some(random, 0.2, point=random.choice(points), place=random.choice(PLACES))


_KINDS: dict[str, Any] = {
    "agree_hours": _agreed_hours,
    "agree_frequency": _number,
    "inconvenient_time": _bad_time,
    "inconvenient_place": lambda random, _: {"place": random.choice(PLACES)},
    "refuse_contact": lambda _random, _: {},
    "refuse_medium": lambda random, _: {"channel": random.choice(["voice", "sms", "letter"])},
    "refuse_point": lambda random, points: {"point": random.choice(points)} | some(random, 0.3, channel="sms"),
    "cease": lambda _random, _: {},
    "consent_visit": _visit,
    "consent_entry": lambda random, _: {"place": random.choice(PLACES)},
    "request_callback": _callback,
    "offer_to_pay": lambda _random, _: {},
    "represented_by_attorney": lambda _random, _: {},
    "employer_prohibits": lambda _random, _: {},
    "claims_paid": lambda _random, _: {},
    "denies_debt": lambda random, _: {"why": random.choice(["not_me", "fraud"])},
    "object_use": lambda random, points: {"of": random.choice([*points, "p1"])},
    "dispute": lambda _random, _: {},
    "withdraw": _withdrawal,
}
