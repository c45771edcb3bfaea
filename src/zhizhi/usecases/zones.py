"""The civil day of the product: Beijing time (the Chinese packs count their days in it)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def civil_day(at: datetime) -> date:
    """The day in Beijing at an instant."""
    return at.astimezone(BEIJING).date()
