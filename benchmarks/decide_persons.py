"""Synthetic persons for the benchmark of single decisions: twenty events each, and a contact that somebody proposes.

Half of the contacts are made so that the law permits them and half so that it does not, for one of the reasons that
occur in collection; the decision is checked, and who came out otherwise is left out. Nobody here exists.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.compiled import compile_law
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.law.law import Law

EVENTS = 20
SEED = 3
TRIES_PER_CASE_MAX = 20
BEIJING = timezone(timedelta(hours=8))
TODAY = datetime(2026, 3, 16, tzinfo=BEIJING)
Document = dict[str, Any]

CHANNELS = ["voice"] * 14 + ["sms"] * 4 + ["letter", "visit"]
SILENT = ["no_answer"] * 5 + ["busy", "not_in_service", "voicemail_full"]
TALKED = ["conversation"] * 3 + ["connected", "answered_dropped"]


def documents(count: int, law: Law) -> list[Document]:
    """So many case documents, permits and refusals in turn. Refuses: a law under which one half cannot be made."""
    dice, compiled = Random(SEED), compile_law(law)
    found: list[Document] = []
    for _ in range(count * TRIES_PER_CASE_MAX):
        permitted = len(found) % 2 == 0
        document = person(dice, len(found), law.profile)
        if not permitted:
            dice.choice(AGAINST)(dice, document)
        document["statements"].sort(key=lambda said: said["at"])
        decision = compiled.decide(parse_case(document))
        if (decision.verdict is Verdict.PERMIT) is permitted:
            found.append(document)
        if len(found) == count:
            return found
    raise ValueError(f"only {len(found)} of {count} cases came out as they were meant")


def person(dice: Random, number: int, profile: str) -> Document:
    """A person with a history, and a contact against which nothing speaks yet."""
    channel = dice.choice(CHANNELS)
    at = TODAY + timedelta(hours=dice.randint(13, 20), minutes=dice.randint(0, 59), seconds=dice.randint(0, 59))
    debts = [
        {"id": f"d{n}", "lender": "L1", "product": f"P{n}", "state": "overdue", "outstanding_minor": 10_000 * n}
        for n in range(1, dice.choice([1, 1, 2]) + 1)
    ]
    document: Document = {
        "id": f"person-{number}", "profile": profile, "reading": "strict",
        "debtor": {"time_zones": ["Asia/Shanghai"], "state": "normal"},
        "case": {"complaint_open": False}, "debts": debts,
        "parties": [{"id": "p1", "role": "debtor"}, {"id": "c1", "role": "contact", "named_by_debtor": True}],
        "points": [
            {"id": "m1", "party": "p1", "kind": "mobile", "reserved": True, "source": "contract"},
            {"id": "m2", "party": "p1", "kind": "mobile", "reserved": False, "source": "given"},
            {"id": "h1", "party": "p1", "kind": "place", "place": "home", "source": "contract"},
            {"id": "mc1", "party": "c1", "kind": "mobile", "source": "contract"},
        ],
        "collector": collector(dice), "statements": list(statements(dice)),
        "events": history(dice, number), "proposed": {
            "at": at.isoformat(), "channel": channel, "direction": "out", "party": "p1",
            "point": "h1" if channel in ("visit", "letter") else "m1", "purpose": "collect", "discloses_debt": True,
            "form": "interactive" if channel in ("voice", "visit") else "notification", "identifies_collector": True,
            "names_principal": True, "recording": "on", "content": [], "opt_out_notice": True,
            "robot": channel == "voice" and dice.random() < 0.1,
            "expected_end_at": (at + timedelta(minutes=dice.choice([5, 10, 30]))).isoformat(),
        },
    }  # fmt: skip
    if channel == "visit":
        visit = {"place": "home", "team_size": 2, "id_shown": True, "enters_premises": False}
        document["proposed"] |= visit
        consent = {"kind": "consent_visit", "place": "home", "purpose_told": True, "consequences_told": True}
        document["statements"].append({"at": days_before(1), "by": "p1", **consent})
    return document


def collector(dice: Random) -> Document:
    """The lender itself, or an agency whose papers are in order."""
    trained = {"id": "u1", "trained_on": days_before(dice.randint(5, 300))[:10], "private_device": False}
    if dice.random() < 0.6:
        return {"kind": "lender", "id": "L1", "person": trained}
    return {
        "kind": "agency", "id": "A1", "person": trained, "listed": True, "evaluated_on": days_before(90)[:10],
        "inspected_on": days_before(60)[:10], "contract_ends_on": days_before(-200)[:10],
    }  # fmt: skip


def statements(dice: Random) -> Iterator[Document]:
    """What one in four has said that leaves the contact possible."""
    if dice.random() < 0.25:
        hours = {"kind": "agree_hours", "from": "09:00", "to": dice.choice(["20:00", "21:30"]), "form": "specific"}
        lunch = {"kind": "inconvenient_time", "from": "11:30", "to": "12:30"}
        often = {"kind": "agree_frequency", "per_day": dice.choice([3, 4, 6])}
        medium = {"kind": "refuse_medium", "channel": "im"}
        for said in dice.sample([hours, lunch, often, medium], dice.choice([1, 1, 2])):
            yield {"at": days_before(dice.randint(5, 60)), "by": "p1", **said}


def history(dice: Random, number: int) -> list[Document]:
    """Twenty events of a fortnight; some of today, fewer than any cap."""
    today = dice.choice([0, 1, 2, 2, 3])
    at = sorted(
        [TODAY + timedelta(minutes=dice.randint(8 * 60, 12 * 60), seconds=number % 60) for _ in range(today)]
        + [
            TODAY - timedelta(days=dice.randint(1, 14)) + timedelta(minutes=dice.randint(8 * 60, 21 * 60))
            for _ in range(EVENTS - today)
        ]
    )
    return [event(dice, n, instant, of_today=instant >= TODAY) for n, instant in enumerate(at)]


def event(dice: Random, n: int, at: datetime, *, of_today: bool) -> Document:
    """A call that nobody answered or that did, or a message."""
    made: Document = {
        "id": f"e{n}",
        "at": at.astimezone(UTC).isoformat(),
        "direction": "out",
        "party": "p1",
        "by": "L1",
    }
    if dice.random() < 0.2:
        return {**made, "channel": "sms", "point": "m1", "form": "notification", "outcome": "delivered"}
    made |= {"channel": "voice", "point": dice.choice(["m1", "m1", "m2"]), "form": "interactive"}
    if of_today or dice.random() < 0.6:
        return {**made, "outcome": dice.choice(SILENT[:-1]), "talk_seconds": 0, "exchanged": False}
    talked = dice.choice(TALKED)
    return {**made, "outcome": talked, "talk_seconds": dice.randint(3, 300), "exchanged": talked == "conversation"}


def days_before(days: int) -> str:
    """An instant so many days ago."""
    return (TODAY - timedelta(days=days) + timedelta(hours=10)).isoformat()


def called(n: int, minute: int, outcome: str, **keys: Any) -> Document:
    """A call of today."""
    at = (TODAY + timedelta(hours=8, minutes=minute)).astimezone(UTC).isoformat()
    return {
        "id": f"t{n}", "at": at, "channel": "voice", "direction": "out", "party": "p1", "point": "m1", "by": "L1",
        "form": "interactive", "outcome": outcome, "talk_seconds": 0, "exchanged": False, **keys,
    }  # fmt: skip


def _crowded(dice: Random, document: Document, outcomes: list[str], count: int, **keys: Any) -> None:
    """The day fills up: the oldest events make room."""
    document["proposed"] |= {"channel": "voice", "point": "m1", "form": "interactive", "party": "p1"}
    past = [one for one in document["events"] if datetime.fromisoformat(one["at"]) < TODAY]
    more = [called(n, 20 * n + dice.randint(0, 19), dice.choice(outcomes), **keys) for n in range(count)]
    kept = past[-(EVENTS - count) :] if count < EVENTS else []
    document["events"] = [*kept, *more]
    while len(document["events"]) < EVENTS:
        first = document["events"][0]
        earlier = (datetime.fromisoformat(first["at"]) - timedelta(hours=1)).isoformat()
        document["events"].insert(0, {**first, "id": f"o{len(document['events'])}", "at": earlier})


def _too_many_dials(dice: Random, document: Document) -> None:
    _crowded(dice, document, SILENT, dice.randint(6, 9))


def _too_many_talks(dice: Random, document: Document) -> None:
    _crowded(dice, document, TALKED, dice.randint(3, 5), talk_seconds=60, exchanged=True)


def _outcome_open(dice: Random, document: Document) -> None:
    _too_many_talks(dice, document)
    for one in document["events"][-3:]:
        del one["outcome"], one["talk_seconds"], one["exchanged"]


def _at_night(dice: Random, document: Document) -> None:
    at = TODAY + timedelta(hours=dice.choice([6, 7, 22, 23]), minutes=dice.randint(0, 59))
    document["proposed"] |= {"at": at.isoformat(), "expected_end_at": (at + timedelta(minutes=10)).isoformat()}


def _refused(dice: Random, document: Document) -> None:
    document["statements"].append(
        {"at": days_before(2), "by": "p1", "kind": "refuse_medium", "channel": document["proposed"]["channel"]}
    )


def _disputed(dice: Random, document: Document) -> None:
    document["debts"][0]["state"] = "disputed"


def _complained(_dice: Random, document: Document) -> None:
    document["case"]["complaint_open"] = True


def _asked_of_another(dice: Random, document: Document) -> None:
    document["proposed"] |= {
        "party": "c1", "point": "mc1", "channel": "voice", "purpose": "locate", "discloses_debt": False,
        "form": "interactive",
    }  # fmt: skip


def _papers(dice: Random, document: Document) -> None:
    key = dice.choice(["recording", "content", "trained_on"])
    if key == "recording":
        document["proposed"] |= {"recording": "off", "channel": "voice", "point": "m1"}
    elif key == "content":
        document["proposed"]["content"] = [dice.choice(["threat", "false_consequence", "extra_fee"])]
    else:
        document["collector"]["person"]["trained_on"] = days_before(500)[:10]


AGAINST: list[Callable[[Random, Document], None]] = [
    _too_many_dials, _too_many_dials, _too_many_dials, _too_many_talks, _too_many_talks, _outcome_open, _at_night,
    _at_night, _refused, _disputed, _complained, _asked_of_another, _papers,
]  # fmt: skip
"""What may speak against a contact, as often as it does."""
