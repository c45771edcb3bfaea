"""A provider of the simulation's own: slow, silent, broken or nonsensical, and the one who knows what really left."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulation.faults import Killed
from simulation.truth import Departure, Truth
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import (
    Failed,
    FailureKind,
    PermitGrant,
    SendOutcome,
    Sent,
    Unknown,
    refuse_unless_valid,
)

# How a sending goes, and how many of a thousand go so.
MOODS = {
    "takes": 760,
    "slow": 60,
    "refuses": 50,
    "left_without_answer": 40,
    "lost_without_answer": 30,
    "left_nonsense": 20,
    "breaks_after": 15,
    "breaks_before": 10,
    "kills_after": 8,
    "kills_before": 7,
}
# Of a house whose workers claim hundreds: one that dies makes all that it had claimed unknown.
ORDINARY_MOODS = {**MOODS, "takes": 773, "kills_after": 1, "kills_before": 1}
NO_ANSWER = Unknown("no_answer", Text("无应答", "no answer"))
NONSENSE = Unknown("unreadable_answer", Text("无法识别的应答", "an answer that cannot be read"))
REFUSED = Failed(FailureKind.TEMPORARY, "busy", Text("繁忙", "busy"))


class Broke(Exception):
    """The channel itself is broken."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A receipt or a reply that will come in."""

    due_at: datetime
    source: str
    key: str
    body: dict[str, Any]
    person: int
    said: str = ""


@dataclass
class Carrier:
    """Takes messages of one world on every channel but the telephone."""

    random: Random
    truth: Truth
    between: Callable[[datetime], None]
    moods: dict[str, int] = field(default_factory=lambda: dict(MOODS))
    seconds: float = 0.0
    notices: list[Notice] = field(default_factory=list)
    sent: int = 0
    channel: str = "any"

    def steady(self) -> float:
        """The monotonic clock of a worker: it goes on while a provider is slow."""
        return self.seconds

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Send, or not, and say so, or not."""
        refused = refuse_unless_valid(grant, at, channel=grant.channel, into_sink=True)
        if refused is not None:
            return refused
        mood = self.random.choices(list(self.moods), list(self.moods.values()))[0]
        self.truth.tick(f"provider {mood}")
        match mood:
            case "refuses":
                return REFUSED
            case "lost_without_answer":
                return NO_ANSWER
            case "breaks_before":
                raise Broke
            case "kills_before":
                raise Killed
        if mood == "slow":
            self.seconds += self.random.choice((5, 40, 150, 400))
        message = self._leave(grant, at)
        self.between(at)  # while it is leaving, the world goes on
        match mood:
            case "left_without_answer":
                return NO_ANSWER
            case "left_nonsense":
                return NONSENSE
            case "breaks_after":
                raise Broke
            case "kills_after":
                raise Killed
        return Sent(message)

    def _leave(self, grant: PermitGrant, at: datetime) -> str:
        self.sent += 1
        message = f"m{self.sent:08d}"
        self.truth.departures.append(
            Departure(
                self.truth.next(), at, grant.idempotency_key, grant.person_id, grant.party_id, grant.channel,
                grant.address, grant.content.to_document(), message,
            )
        )  # fmt: skip
        if grant.channel == "sms":
            self._plan_notices(grant, at, message)
        return message

    def _plan_notices(self, grant: PermitGrant, at: datetime, message: str) -> None:
        """Receipts doubled, in any order, some nonsense; now and then somebody writes back."""
        roll = self.random.random
        states = ["delivered"] if roll() < 0.85 else ["undelivered"]
        if roll() < 0.3:
            states.append("undelivered" if states == ["delivered"] else "delivered")
        if roll() < 0.2:
            states.append(states[0])
        if roll() < 0.1:
            states.insert(0, "pending")
        self.truth.states[message] = "delivered" if "delivered" in states else "undelivered"
        for n, state in enumerate(states):
            due = at + timedelta(seconds=self.random.choice((0, 1, 30, 600, 5400)))
            body = {"provider_message_id": message, "state": state, "at": due.isoformat()}
            key = f"{message}-{n}"
            self._notice(due, "receipts", key, body, grant.person_id)
            if roll() < 0.15:  # told twice
                self._notice(due + timedelta(minutes=3), "receipts", key, body, grant.person_id)
        if roll() < 0.02:
            self._notice(at, "receipts", f"{message}-x", {"provider_message_id": message}, grant.person_id)
        if roll() < 0.04:
            refuses = roll() < 0.6
            due = at + timedelta(minutes=self.random.choice((1, 45, 300)))
            body = {
                "address": grant.address,
                "kind": "refuse_medium" if refuses else "free_text",
                "text": "退订" if refuses else "已经收到了",
                "at": due.isoformat(),
                "channel": "sms",
            }
            said = "refuse_medium" if refuses else ""
            self._notice(due, "replies", f"{message}-r", body, grant.person_id, said)

    def _notice(self, due: datetime, what: str, key: str, body: dict[str, Any], person: int, said: str = "") -> None:
        self.notices.append(Notice(due, f"sink/{what}", key, body, person, said))

    def due_notices(self, at: datetime) -> list[Notice]:
        """What comes in now, in no order."""
        due = [notice for notice in self.notices if notice.due_at <= at]
        self.notices = [notice for notice in self.notices if notice.due_at > at]
        self.random.shuffle(due)
        return due
