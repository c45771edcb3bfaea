"""What people of the book say and do on a day, drawn from the seed, and how they answer a telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

# What happens to a person on a day, of a thousand.
HAPPENS = {
    "pays_part": 20,
    "pays_all": 4,
    "pays_twice_noted": 3,
    "reference_misused": 1,
    "claims_paid": 2,
    "complains": 2,
    "disputes": 2,
    "hardship": 3,
    "dies": 1,
    "order": 1,
    "represented": 1,
    "refuses_medium": 5,
    "withdraws_refusal": 2,
    "agrees_hours": 4,
    "inconvenient": 3,
    "asks_callback": 2,
    "third_refuses": 2,
    "stop_lifted": 4,
    "promises": 8,
    "number_in_note": 1,
}
STAFF_OFTEN = 4  # half of what a desk wants at the most of a person in one go, beyond what the strategy asks for


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call went."""

    outcome: str
    line_result: str
    ring_seconds: int
    talk_seconds: int
    exchanged: bool

    @property
    def is_answered(self) -> bool:
        """Somebody took it up."""
        return self.line_result == "answered"


def answer(random: Random) -> Answer:
    """Nobody, busy, rejected, a few words, a talk."""
    roll = random.random()
    if roll < 0.35:
        return Answer("no_answer", "no_answer", random.choice((10, 30, 60)), 0, False)
    if roll < 0.42:
        return Answer("busy", "busy", 2, 0, False)
    if roll < 0.50:
        return Answer("rejected", "rejected", 5, 0, False)
    if roll < 0.58:
        return Answer("answered_dropped", "answered", 8, random.choice((1, 3, 5)), False)
    return Answer("conversation", "answered", 8, random.choice((6, 20, 90, 400, 1500)), True)


def happens(random: Random, only: Sequence[str] = (), days: int = 1) -> str | None:
    """What happens to a person on a day, or in as many days as one of; mostly nothing. `only`: nothing but these."""
    roll = random.randrange(1000 * days)
    for what, weight in HAPPENS.items():
        if only and what not in only:
            continue
        roll -= weight
        if roll < 0:
            return what
    return None


def statement_of(what: str, random: Random) -> tuple[str, dict[str, Any]]:
    """Kind and body of what somebody says, in the words of the contract."""
    match what:
        case "refuses_medium":
            return "refuse_medium", {"channel": random.choice(("sms", "email", "voice"))}
        case "withdraws_refusal":
            return "withdraw", {"of": "refuse_medium"}
        case "agrees_hours":
            begins = random.choice((8, 9, 12, 18))
            return "agree_hours", {"from": f"{begins:02d}:00", "to": f"{begins + 4:02d}:00", "form": "specific"}
        case "inconvenient":
            begins = random.choice((8, 12, 19))
            return "inconvenient_time", {"from": f"{begins:02d}:00", "to": f"{begins + 2:02d}:00"}
        case "asks_callback":
            return "request_callback", {}
        case "claims_paid":
            return "claims_paid", {}
        case "complains":
            return "complain", {}
        case "disputes":
            return "dispute", {}
        case "represented":
            return "represented_by_attorney", {}
    raise ValueError(what)
