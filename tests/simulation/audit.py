"""The auditor: reads raw rows and what really happened, and says which promise was broken first.

He imports nothing of the product. The evidence log and the replay of decisions he has checked by the product's own
commands for outsiders (`commands.py`), since those are promises too.
"""

from dataclasses import dataclass
from datetime import datetime

from simulation import audit_of_books, audit_of_contacts
from simulation.broken import Broken
from simulation.ledger_of_rows import Rows
from simulation.truth import Truth

CHECKS = (*audit_of_contacts.CHECKS, *audit_of_books.CHECKS)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to somebody, without a name or a number of theirs."""

    at: datetime
    what: str


def audit(truth: Truth, url: str) -> list[Broken]:
    """Every broken promise, the earliest first."""
    rows = Rows(url)
    try:
        found = [broken for check in CHECKS for broken in check(truth, rows)]
    finally:
        rows.close()
    return sorted(found, key=lambda one: one.at)


def history_of(person: int, truth: Truth, url: str) -> list[Line]:
    """What happened to one person, as everybody who saw it tells it; ids only."""
    rows = Rows(url)
    try:
        lines = [Line(at, f"decided {verdict} {channel} {rule}".strip()) for at, verdict, channel, rule in rows.ask(
            "SELECT at, verdict, channel, rule FROM decision WHERE person_id = %s", person)]  # fmt: skip
        lines += [Line(one.minted_at, f"permit {one.id} for {one.channel} until {one.expires_at:%H:%M}: {one.state}")
                  for one in rows.permits.values() if one.person == person]  # fmt: skip
    finally:
        rows.close()
    lines += [Line(one.at, f"left: {one.channel} {one.message} on permit {one.key.partition('-')[2]} (#{one.order})")
              for one in truth.departures if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"call on permit {one.permit}: {one.talk_seconds} s, written {one.recorded} (#{one.order})")
              for one in truth.dials if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"told {one.kind} {'' if one.certain else 'perhaps '}{dict(one.facts)} (#{one.order})")
              for one in truth.told if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"claimed permit {one.permit} (#{one.order})")
              for one in truth.claims if one.person == person]  # fmt: skip
    return sorted(lines, key=lambda line: line.at)
