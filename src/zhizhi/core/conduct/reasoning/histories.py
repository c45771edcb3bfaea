"""Kinds of events that a history can be built of, and situations of a debtor who cannot be reached.

Each kind stands for one event at one time before the contact; how much it counts to each measure is not written here
but measured: a case with that event alone is put before the reference reading of the record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Document = dict[str, Any]

_TALK: Document = {
    "channel": "voice",
    "outcome": "conversation",
    "talk_seconds": 60,
    "exchanged": True,
    "about_debt": True,
}
_KINDS: dict[str, Document] = {
    "talk": _TALK,
    "notice": {
        "channel": "voice",
        "form": "notification",
        "outcome": "connected",
        "talk_seconds": 60,
        "exchanged": False,
    },
    "missed": {"channel": "voice", "outcome": "no_answer"},
    "open": {"channel": "voice"},
    "open-notice": {"channel": "voice", "form": "notification"},
    "open-visit": {"channel": "visit"},
    "open-message": {"channel": "sms"},
    "dropped": {"channel": "voice", "outcome": "answered_dropped", "talk_seconds": 2, "exchanged": True},
    "full": {"channel": "voice", "outcome": "voicemail_full"},
    "told-by-machine": {"channel": "voice", "outcome": "voicemail_debt"},
    "engaged": {"channel": "voice", "outcome": "busy"},
    "empty": {"channel": "voice", "outcome": "connected", "talk_seconds": 0, "exchanged": False},
    "machine": {"channel": "voice", "outcome": "voicemail_limited"},
    "silent": {"channel": "ringless_voicemail", "outcome": "delivered"},
    "visit": {"channel": "visit", "outcome": "met", "exchanged": True},
    "fruitless": {"channel": "visit", "outcome": "nobody_met"},
    "letter": {"channel": "letter", "outcome": "sent"},
    "message": {"channel": "sms", "outcome": "delivered"},
    "mail": {"channel": "email", "outcome": "delivered"},
}
_VARIED = ("talk", "notice", "missed", "visit", "letter")
_VARIATIONS: dict[str, Document] = {
    "sibling": {"debts": ["d2"]},
    "other-lender": {"debts": ["d3"]},
    "other-number": {"point": "other"},
    "unlike": {"robot": "unlike"},
    "other-collector": {"by": "A9"},
    "with-debtor": {"party": "p1", "point": "debtor"},
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event. `days` and `seconds`: how long before the contact, in civil days and then in seconds."""

    name: str
    keys: tuple[tuple[str, Any], ...]
    days: int = 0
    seconds: int | None = None


def kinds(days: Iterable[int], seconds: Iterable[int], lengths: Iterable[int]) -> list[Kind]:
    """Every kind: at the times and with the lengths of talk on both sides of the numbers that rules name."""
    found = [Kind(name, tuple(keys.items())) for name, keys in _KINDS.items()]
    for length in sorted({edge for one in lengths for edge in (one - 1, one) if edge >= 0}):
        for exchanged in (True, False):
            keys = {**_TALK, "talk_seconds": length, "exchanged": exchanged, "outcome": "connected"}
            found.append(Kind(f"talk-{length}s-{'both' if exchanged else 'one'}", tuple(keys.items())))
    for name in _VARIED:
        for variation, change in _VARIATIONS.items():
            found.append(Kind(f"{name}-{variation}", tuple({**_KINDS[name], **change}.items())))
    for back in sorted({edge for one in days for edge in (one - 1, one, one + 1) if edge > 0}):
        found += [Kind(f"{name}-{back}d", tuple(_KINDS[name].items()), days=back) for name in _KINDS]
    for ago in sorted({edge for one in seconds for edge in (one - 1, one, one + 1) if edge > 0}):
        found += [Kind(f"{name}-{ago}s", tuple(_KINDS[name].items()), seconds=ago) for name in _KINDS]
    return found


@dataclass(frozen=True, slots=True)
class Silence:
    """How the debtor was sought in vain: dials of his reserved mobile, as days back and seconds after midnight."""

    name: str
    dials: tuple[tuple[int, int], ...] = ()
    outcome: str | None = "no_answer"
    reserved: bool | None = True
    other_point: bool = False
    invalid: bool = False


def silences(attempts: Iterable[int], days: Iterable[int], spacings: Iterable[int]) -> list[Silence]:
    """Situations on both sides of the numbers that gates name."""
    start = 9 * 3600
    found = [Silence("nothing"), Silence("dead number", invalid=True)]
    counts = sorted({edge for one in attempts for edge in (one - 1, one) if edge > 0})
    apart = sorted({edge * 60 for one in spacings for edge in (one - 1, one) if edge > 0} | {1800})
    for count in counts:
        for gap in apart:
            row = tuple((2, start + n * gap) for n in range(count) if start + n * gap < 86_400)
            found.append(Silence(f"{count} dials {gap // 60} minutes apart", row))
            found.append(Silence(f"{count} dials {gap // 60} minutes apart, others untried", row, other_point=True))
            yesterday = tuple((1, second) for _, second in row)
            found.append(Silence(f"{count} dials {gap // 60} minutes apart the day before", yesterday))
            found.append(Silence(f"{count} open dials {gap // 60} minutes apart", row, outcome=None))
            found.append(Silence(f"{count} dials {gap // 60} minutes apart, perhaps reserved", row, reserved=None))
    for count in sorted({edge for one in days for edge in (one - 1, one) if edge > 0}):
        for last in (0, 1):
            row = tuple((back + last, 1) for back in reversed(range(count)))
            found.append(Silence(f"dials on {count} days up to {last} days ago", row))
    return list({silence.name: silence for silence in found}.values())


def at_of(kind: Kind, begin: int, number: int) -> timedelta:
    """How long before the contact the event of a kind and number lies: minutes apart where the day has room."""
    if kind.seconds is not None:
        return timedelta(seconds=kind.seconds)
    gap = 60 if begin > 60 * (number + 2) else 1
    return timedelta(days=kind.days, seconds=gap * (number + 1))
