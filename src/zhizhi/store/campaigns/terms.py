"""A campaign as those who work on it see it, and its questions in rows."""

from dataclasses import dataclass
from typing import Any

from zhizhi.store.campaigns.models import Campaign
from zhizhi.store.campaigns.window import Window


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """What a campaign sends, when and how fast, and how it stands."""

    id: int
    lender_id: int
    channel: str
    template_code: str
    template_version_id: int
    purpose: str
    form: str
    window: Window
    per_second: int | None
    state: str
    created_by_id: int


COLUMNS = (
    *("id", "lender_id", "channel", "template_code", "template_version_id", "purpose", "form"),
    *("from_on", "until_on", "opens_minute", "closes_minute", "per_second", "state", "created_by_id"),
)


def to_terms(row: tuple[Any, ...]) -> CampaignTerms:
    """From the values of `COLUMNS`."""
    what, window, how = row[:7], Window(*row[7:11]), row[11:]
    values: tuple[Any, ...] = (*what, window, *how)
    return CampaignTerms(*values)


def load_terms(campaign_id: int) -> CampaignTerms | None:
    """One campaign, as the gate sees it."""
    row = Campaign.objects.using("gate").filter(pk=campaign_id).values_list(*COLUMNS).first()
    return None if row is None else to_terms(row)


def load_running() -> list[CampaignTerms]:
    """The campaigns that run, the oldest first."""
    rows = Campaign.objects.using("gate").filter(state="running").order_by("id").values_list(*COLUMNS)
    return [to_terms(row) for row in rows]
