"""The auditor: reads raw rows and what really happened, and says which promise was broken first.

He imports nothing of the product. The evidence log and the replay of decisions he has checked by the product's own
commands for outsiders (`commands.py`), since those are promises too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from simulation import audit_of_books, audit_of_campaigns, audit_of_contacts, audit_of_leases, audit_of_records
from simulation.audit_of_contacts import Check
from simulation.broken import Broken
from simulation.ledger_of_rows import EVER, Rows
from simulation.truth import Truth

MODELS = (audit_of_contacts, audit_of_leases, audit_of_campaigns, audit_of_records, audit_of_books)
STANDING = tuple(check for model in MODELS for check in model.STANDING)
AT_REST = tuple(check for model in MODELS for check in model.AT_REST)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to somebody, without a name or a number of theirs."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Every broken promise, the earliest first, and of how many things each promise was asked."""

    broken: Sequence[Broken]
    checked: Counter[str]


def audit(truth: Truth, url: str) -> Findings:
    """Everything, when the world has come to rest."""
    return _asked((*STANDING, *AT_REST), truth, url, EVER)


def audit_under_way(truth: Truth, url: str, since: datetime) -> Findings:
    """What holds at every instant; what is long and never changes is read from an instant on."""
    return _asked(STANDING, truth, url, since)


def _asked(checks: Sequence[Check], truth: Truth, url: str, since: datetime) -> Findings:
    rows = Rows(url, since)
    try:
        found = [broken for check in checks for broken in check(truth, rows)]
    finally:
        rows.close()
    return Findings(sorted(found, key=lambda one: one.at), rows.checked)


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
    lines += [Line(one.at, f"leased permit {one.permit} until {one.expires_at:%H:%M:%S} (#{one.order})")
              for one in truth.leased if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"confirmed permit {one.permit}: {one.is_valid} (#{one.order})")
              for one in truth.confirmed if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"rang on permit {one.permit}: {one.talk_seconds} s, on #{one.confirmed} (#{one.order})")
              for one in truth.rings if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"reported {one.kind} of permit {one.permit}, certain {one.certain} (#{one.order})")
              for one in truth.reported if one.person == person]  # fmt: skip
    lines += [Line(one.at, f"claimed permit {one.permit} (#{one.order})")
              for one in truth.claims if one.person == person]  # fmt: skip
    return sorted(lines, key=lambda line: line.at)
