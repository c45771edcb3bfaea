"""What screens read about campaigns: the list, one with its figures, and what was done to it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.campaigns.ending import ENDED
from zhizhi.store.campaigns.models import Campaign, CampaignReject, CampaignStep, SendPace
from zhizhi.store.campaigns.moves import ENDS
from zhizhi.store.select import document, select

PAGE = 30
REJECTS_SHOWN = 100
STEPS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as a list shows it; `settled` of `total` persons are decided."""

    id: int
    name: str
    lender_id: int
    lender: str
    channel: str
    template_code: str
    purpose: str
    from_on: date
    until_on: date
    opens_minute: int
    closes_minute: int
    per_second: int | None
    state: str
    source: dict[str, Any]
    total: int
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    counts: dict[str, int] | None

    @property
    def is_moving(self) -> bool:
        """Whether its figures change by themselves: also for a while after its end."""
        return self.state == "running" or (self.state in ENDS and self.counts is None)

    @property
    def opens(self) -> str:
        """09:00."""
        return _clock(self.opens_minute)

    @property
    def closes(self) -> str:
        """18:00."""
        return _clock(self.closes_minute)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


_COLUMNS = (
    *("id", "name", "lender_id", "lender__name", "channel", "template_code", "purpose", "from_on", "until_on"),
    *("opens_minute", "closes_minute", "per_second", "state", "source", "total", "created_by__name", "created_at"),
    *("ended_at", "counts"),
)


def load_campaigns(before_id: int | None = None) -> list[CampaignRow]:
    """The newest campaigns that the viewer sees."""
    rows = Campaign.objects.order_by("-id").values_list(*_COLUMNS)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return [CampaignRow(*row) for row in rows[:PAGE]]


def load_campaign(campaign_id: int) -> CampaignRow | None:
    """One campaign, where the viewer sees it."""
    row = Campaign.objects.filter(pk=campaign_id).values_list(*_COLUMNS).first()
    return None if row is None else CampaignRow(*row)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """How many persons stand in a state for one reason, with the law's words for one of them."""

    state: str
    reason: str
    count: int
    earliest: datetime | None
    cites: str
    explain: Text | None

    @property
    def pack(self) -> str:
        """The pack of the rule; empty where nobody asked the law."""
        return self.reason.partition("/")[0] if "/" in self.reason else ""


_REASONS = """
SELECT g.state, g.reason, g.count, g.earliest, d.body -> 'reasons' -> 0
FROM (SELECT t.state, t.reason, count(*) AS count, min(t.not_before) AS earliest,
             min(t.person_id) FILTER (WHERE t.decision_id IS NOT NULL) AS person_id
      FROM campaign_target t WHERE t.campaign_id = %(campaign)s GROUP BY 1, 2) g
LEFT JOIN campaign_target t ON t.campaign_id = %(campaign)s AND t.person_id = g.person_id
LEFT JOIN decision d ON d.person_id = t.person_id AND d.id = t.decision_id
ORDER BY g.count DESC, g.state, g.reason
"""


def load_reasons(campaign_id: int) -> list[ReasonRow]:
    """The persons of a campaign by state and reason, the most frequent first."""
    return [_reason(*row) for row in select(_REASONS, {"campaign": campaign_id})]


def _reason(state: str, reason: str, count: int, earliest: datetime | None, first: str | None) -> ReasonRow:
    said = document(first)
    words = said.get("explain")
    explain = Text(words["zh"], words["en"]) if words else None
    return ReasonRow(state, reason, count, earliest, str(said.get("cites", "")), explain)


def count_by_state(reasons: Iterable[ReasonRow]) -> dict[str, int]:
    """Persons by state."""
    counts: dict[str, int] = {}
    for row in reasons:
        counts[row.state] = counts.get(row.state, 0) + row.count
    return counts


@dataclass(frozen=True, slots=True)
class SentFigures:
    """Messages of a campaign by how they stand; `arrived` are among `sent`.

    `waiting` in the outbox, `leaving` in the hands of a worker; `pulled_back` because the campaign ended, `unsent`
    because something else came between (a permit ran out, money or words arrived).
    """

    waiting: int = 0
    leaving: int = 0
    sent: int = 0
    arrived: int = 0
    failed: int = 0
    unknown: int = 0
    pulled_back: int = 0
    unsent: int = 0


def load_sent(campaign_id: int) -> SentFigures:
    """Count the messages of a campaign; a message that did not arrive has failed, whoever took it."""
    counts = {field.name: 0 for field in fields(SentFigures)}
    rows = select(
        "SELECT state, outcome, failure, count FROM zhizhi_campaign_sent(%(campaign)s)", {"campaign": campaign_id}
    )
    for state, outcome, failure, count in rows:
        counts[_stands(state, outcome, failure)] += count
        counts["arrived"] += count if outcome == "delivered" else 0
    return SentFigures(**counts)


def _stands(state: str, outcome: str, failure: str) -> str:
    """The figure to which a message counts."""
    if state == "cancelled":
        return "pulled_back" if failure.startswith(ENDED) else "unsent"
    if state == "failed":
        return "unsent" if failure == "not_sent" else "failed"
    if state == "delivered":
        return "failed" if outcome == "undelivered" else "sent"
    return {"claimed": "leaving"}.get(state, state)


@dataclass(frozen=True, slots=True)
class StepRow:
    """What somebody, or the system, did to a campaign."""

    at: datetime
    what: str
    why: str
    by: str | None


def load_steps(campaign_id: int) -> list[StepRow]:
    """The newest steps first."""
    rows = CampaignStep.objects.filter(campaign_id=campaign_id).order_by("-id")
    return [StepRow(*row) for row in rows.values_list("at", "what", "why", "by__name")[:STEPS_SHOWN]]


def load_rejects(campaign_id: int) -> tuple[int, list[tuple[int, str]]]:
    """How many lines were rejected, and the first of them with the reason."""
    rows = CampaignReject.objects.filter(campaign_id=campaign_id).order_by("line")
    return rows.count(), list(rows.values_list("line", "code")[:REJECTS_SHOWN])


def load_paces() -> dict[tuple[str, str], int | None]:
    """The throttles of providers by gateway and channel."""
    rows = SendPace.objects.values_list("gateway", "channel", "per_second")
    return {(gateway, channel): per_second for gateway, channel, per_second in rows}
