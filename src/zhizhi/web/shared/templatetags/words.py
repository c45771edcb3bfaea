"""Tags that every template has: words in the reader's language, amounts and times in the one form of the product."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.forms import BoundField
from django.template import Context

from zhizhi.core.kernel.text import Language, Text
from zhizhi.web.shared import clock, vocabulary, written
from zhizhi.web.shared.citations import cited
from zhizhi.web.shared.language import language_of
from zhizhi.web.shared.typeset import set_chinese

register = template.Library()


def _language(context: Context) -> Language:
    """The reader's language, found once a page."""
    known: Language | None = context.render_context.get("language")
    if known is None:
        known = context.render_context["language"] = language_of(context.get("request"))
    return known


@register.simple_tag(takes_context=True)
def t(context: Context, zh: str, en: str, **values: object) -> str:
    """Chinese and English side by side; `{names}` are filled from the keyword arguments."""
    wording = zh if _language(context) == "zh" else en
    return wording.format(**values) if values else wording


@register.simple_tag(takes_context=True)
def say(context: Context, text: Text | None) -> str:
    """A bilingual text from Python; its Chinese is set as print sets it."""
    if text is None:
        return ""
    return set_chinese(text.zh) if _language(context) == "zh" else text.en


@register.simple_tag(takes_context=True)
def say_as_is(context: Context, text: Text) -> str:
    """A text that somebody copies and uses again, to the letter."""
    return text.in_language(_language(context))


@register.filter
def chinese(written: str) -> str:
    """A sentence that is in the reader's language already, set as print sets it."""
    return set_chinese(written)


@register.simple_tag(takes_context=True)
def cite(context: Context, cites: str) -> str:
    """An article as a person would quote it; a dash where nothing is cited."""
    return cited(cites).in_language(_language(context)) if cites else "—"


@register.simple_tag(takes_context=True)
def word(context: Context, list_name: str, code: str | None) -> str:
    """The word for a code of one of the closed lists; an unknown code stands for itself."""
    return vocabulary.word(list_name, code).in_language(_language(context))


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None) -> str:
    """03-02 周一 21:50."""
    return written.instant(at, _language(context), clock.today(context["at"])) if at else "—"


@register.simple_tag(takes_context=True)
def on_day(context: Context, on: date | None) -> str:
    """03-02 周一."""
    return written.day(on, _language(context), clock.today(context["at"])) if on else "—"


@register.simple_tag(takes_context=True)
def local_day(context: Context, at: datetime) -> str:
    """The day of an instant, where its hour is not known."""
    return written.day(written.local(at).date(), _language(context), clock.today(context["at"]))


@register.simple_tag(takes_context=True)
def money(context: Context, minor: int, currency: str = "CNY") -> str:
    """12,486.30 元."""
    return f"{written.amount(minor, currency)} {written.unit(currency, _language(context))}"


@register.simple_tag
def amount(minor: int, currency: str) -> str:
    """12,486.30: where the page has said of which currency."""
    return written.amount(minor, currency)


@register.simple_tag
def permille(share: int) -> str:
    """23.4%."""
    return f"{share // 10}.{share % 10}%"


@register.simple_tag
def each(permille: int) -> str:
    """4.2: so many of one for each of another, from their quotient in thousandths."""
    tenths = (permille + 50) // 100
    return f"{tenths // 10}.{tenths % 10}"


@register.filter
def at_index(row: Sequence[object], index: int) -> object:
    """The entry of a row that stands under a column."""
    return row[index]


@register.simple_tag
def number(value: int | None, unit: str) -> str:
    """A number of a rule in its unit; a dash where there is none."""
    return "—" if value is None else written.rule_number(value, unit)


@register.filter
def grouped(count: int) -> str:
    """12,486."""
    return f"{count:,}"


@register.filter
def iso(at: datetime) -> str:
    """The instant for machines: the `datetime` of a `<time>`."""
    return at.isoformat()


@register.filter
def office_day(at: datetime) -> str:
    """2026-03-02: the day of an instant, for an address."""
    return written.local(at).date().isoformat()


@register.simple_tag(takes_context=True)
def named(context: Context, kind: str, row_id: int | None) -> str:
    """The name of a queue, agency or collector that the page has loaded."""
    return str(context["names"].get(f"{kind}-{row_id}", "—")) if row_id is not None else "—"


@register.filter
def clock_time(at: datetime) -> str:
    """22:00."""
    return f"{written.local(at):%H:%M}"


@register.filter
def pretty(document: object) -> str:
    """A document for reading, indented."""
    return json.dumps(document, ensure_ascii=False, indent=1)


@register.simple_tag
def shape(field: BoundField) -> str:
    """How a field of a form is laid out."""
    shapes: dict[str, str] = getattr(field.form, "shapes", {})
    return shapes.get(field.name, "")
