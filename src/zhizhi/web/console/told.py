"""A decision told to a person: the document of contract/conduct-case.md, read into what a template shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import OBLIGATIONS
from zhizhi.core.law.house import PREFIX as HOUSE
from zhizhi.web.shared import vocabulary


@dataclass(frozen=True, slots=True)
class ToldReason:
    """Why, with its article and the instant from which it no longer stands in the way."""

    rule: str
    pack: str
    effect: str
    cites: str
    explain: Text
    until: datetime | None
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldBudget:
    """A cap and how much of it is used."""

    rule: str
    pack: str
    text: Text
    limit: int
    used: int
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """One decision as screens tell it."""

    verdict: str
    next_permitted_at: datetime | None
    must_end_by: datetime | None
    hold_for: str | None
    reasons: tuple[ToldReason, ...]
    budgets: tuple[ToldBudget, ...]
    obligations: tuple[Text, ...]
    warnings: tuple[Text, ...]
    unknown: tuple[str, ...]
    packs: tuple[tuple[str, str], ...]
    engine: str

    @property
    def first(self) -> ToldReason | None:
        """The reason that stands first."""
        return self.reasons[0] if self.reasons else None


def tell(document: Mapping[str, Any]) -> ToldDecision:
    """Read a decision document."""
    return ToldDecision(
        verdict=document["verdict"],
        next_permitted_at=_instant(document.get("next_permitted_at")),
        must_end_by=_instant(document.get("must_end_by")),
        hold_for=document.get("hold_for"),
        reasons=tuple(_reason(reason) for reason in document.get("reasons", ())),
        budgets=tuple(_budget(budget) for budget in document.get("budgets", ())),
        obligations=tuple(_obligation(one["do"]) for one in document.get("obligations", ())),
        warnings=tuple(_warning(one) for one in document.get("warnings", ())),
        unknown=tuple(document.get("unknown", ())),
        packs=tuple((pack["id"], pack["version"]) for pack in document.get("packs", ())),
        engine=document.get("engine", ""),
    )


@dataclass(frozen=True, slots=True)
class ToldFact:
    """One fact that a reason rests on."""

    id: str
    at: datetime | None
    text: Text


def facts_behind(told: ToldDecision, facts: Mapping[str, Any]) -> list[ToldFact]:
    """The events that the reasons name, as the case document held them."""
    named = {name for reason in told.reasons for name in reason.facts}
    return [_fact(event) for event in facts.get("events", ()) if event["id"] in named]


def _fact(event: Mapping[str, Any]) -> ToldFact:
    words = [
        vocabulary.word("channel", event["channel"]),
        vocabulary.word("towards", event.get("direction")),
        vocabulary.word("outcome", event["outcome"]) if "outcome" in event else Text("结果未知", "outcome unknown"),
    ]
    text = Text(" ".join(word.zh for word in words), " ".join(word.en for word in words))
    return ToldFact(event["id"], _instant(event.get("at")), text)


def without_recipe(told: ToldDecision) -> ToldDecision:
    """What is told about a third person: verdict and article, nothing of what would have to happen first."""
    nothing = Text("暂不可触达", "not available")
    reasons = tuple(replace(reason, explain=nothing, until=None, facts=()) for reason in told.reasons[:1])
    return replace(told, reasons=reasons, next_permitted_at=None, budgets=(), obligations=(), warnings=(), unknown=())


def _reason(reason: Mapping[str, Any]) -> ToldReason:
    return ToldReason(
        rule=reason["rule"],
        pack=reason["rule"].partition("/")[0],
        effect=reason.get("effect", ""),
        cites=reason.get("cites", ""),
        explain=_text(reason.get("explain")),
        until=_instant(reason.get("until")),
        facts=tuple(reason.get("facts", ())),
    )


def _budget(budget: Mapping[str, Any]) -> ToldBudget:
    rule: str = budget["rule"]
    pack, article, label = rule.partition("/")[0], rule.partition("/")[2].rpartition("/")[0], rule.rpartition("/")[2]
    words = vocabulary.word("budget", label)
    if pack.startswith(HOUSE):  # a lender labels its rules as it likes; it is known by its article
        words = Text(f"内部规则 {article}", f"house rule {article}")
    return ToldBudget(rule, pack, words, budget["limit"], budget["used"], _instant(budget.get("resets_at")))


def _obligation(do: str) -> Text:
    return OBLIGATIONS.get(do, Text(do, do))


def _warning(warning: Any) -> Text:
    if isinstance(warning, Mapping):
        return _text(warning.get("explain"))
    return Text(str(warning), str(warning))


def _text(explain: Any) -> Text:
    return Text(explain["zh"], explain["en"]) if explain else Text("", "")


def _instant(written: str | None) -> datetime | None:
    """An instant; a date, which the contract includes whole, ends with the midnight after it."""
    if written is None:
        return None
    if len(written) == len("2026-03-02"):
        return datetime.combine(date.fromisoformat(written) + timedelta(days=1), time(), BEIJING)
    return datetime.fromisoformat(written)
