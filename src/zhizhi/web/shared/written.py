"""How amounts, days and instants are written on screens; integer arithmetic, one zone, one form each."""

from datetime import date, datetime

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Language

_DAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_UNITS = {"CNY": ("元", "CNY")}


def amount(minor: int, currency: str = "CNY") -> str:
    """12,486.30: sign, thousands separators and the decimals of the currency, without its unit."""
    digits = Currency(currency).minor_digits
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{rest:0{digits}d}" if digits else "")


def rule_number(value: int, unit_code: str) -> str:
    """A number of a rule; a minute of the day as the clock shows it, 24:00 for the end of the day."""
    return f"{value // 60:02d}:{value % 60:02d}" if unit_code == "minute_of_day" else str(value)


def unit(currency: str, language: Language) -> str:
    """元 for yuan in Chinese, else the code of the currency."""
    zh, en = _UNITS.get(currency, (currency, currency))
    return zh if language == "zh" else en


def local(at: datetime) -> datetime:
    """The instant on the clock of the office."""
    return at.astimezone(BEIJING)


def instant(at: datetime, language: Language, today: date) -> str:
    """03-02 周一 21:50; with the year where it is not this one."""
    here = local(at)
    return f"{day(here.date(), language, today)} {here:%H:%M}"


def day(on: date, language: Language, today: date) -> str:
    """03-02 周一; with the year where it is not this one."""
    name = _DAYS[language][on.weekday()]
    return f"{on:%m-%d} {name}" if on.year == today.year else f"{on:%Y-%m-%d} {name}"


def duration(seconds: int, language: Language) -> str:
    """3分12秒."""
    minutes, rest = divmod(seconds, 60)
    if language == "zh":
        return f"{minutes}分{rest}秒" if minutes else f"{rest}秒"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
