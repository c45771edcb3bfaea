"""One entry of the timeline as a sentence and its details, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.history.reads import TimelineEntry
from zhizhi.web.console.actions import OWING
from zhizhi.web.shared import vocabulary
from zhizhi.web.shared.citations import cited
from zhizhi.web.shared.typeset import set_chinese
from zhizhi.web.shared.written import amount, duration, instant

_TOWARDS = {
    (True, "out"): Text("去电", "Outgoing call"),
    (True, "in"): Text("来电", "Incoming call"),
    (False, "in"): Text("收到", "Incoming"),
}
Names = Mapping[int, tuple[str, str]]
Codes = Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the timeline; of what came with a file only the day is known. `paid_on_debt`: of a payment of our own
    that stands, the debt; what a file brought the core takes back."""

    kind: str
    id: int
    at: datetime
    is_day: bool
    title: str
    detail: str
    text: str
    is_refusal: bool
    paid_on_debt: int | None = None


@dataclass(frozen=True, slots=True)
class _Teller:
    """What a sentence about an entry needs at hand."""

    entry: TimelineEntry
    names: Names
    codes: Codes
    language: Language

    def word(self, list_name: str, key: str) -> str:
        """The word of a code in the body; empty where there is none."""
        code = self.entry.body.get(key)
        return vocabulary.word(list_name, code).in_language(self.language) if code else ""

    def code(self, list_name: str, key: str) -> str:
        """The word of a published code of notes."""
        code = self.entry.body.get(key)
        text = self.codes.get(f"{list_name}:{code}")
        return text.in_language(self.language) if text else (code or "")

    def say(self, zh: str, en: str) -> str:
        """A wording of this module."""
        return zh if self.language == "zh" else en

    def moment(self, key: str) -> str:
        """An instant of the body."""
        written = self.entry.body.get(key)
        return instant(datetime.fromisoformat(written), self.language, self.entry.at.date()) if written else ""

    def yuan(self, key: str) -> str:
        """An amount of the body."""
        return f"{amount(self.entry.body[key])} {self.say('元', 'CNY')}"

    def party(self) -> str:
        """Who it was with; the person themselves is not named again on every line."""
        written = self.entry.body.get("party")
        party_id = int(str(written).lstrip("p")) if written is not None else None
        role, name = self.names.get(party_id or 0, ("", ""))
        return "" if role in ("", "debtor") else f"{vocabulary.word('party', role).in_language(self.language)} {name}"


def tell_entry(entry: TimelineEntry, names: Names, codes: Codes, language: Language) -> Happened:
    """The sentence of an entry."""
    teller = _Teller(entry, names, codes, language)
    title, details = _TELLERS[entry.kind](teller)
    detail = " · ".join(part for part in details if part)
    is_day = entry.kind == "payment" and entry.body["imported"]
    is_refusal = entry.kind == "decision"
    return Happened(entry.kind, entry.id, entry.at, is_day, title, detail, entry.text, is_refusal, _paid_on(entry))


def _paid_on(entry: TimelineEntry) -> int | None:
    if entry.kind != "payment" or entry.body["kind"] != "payment":
        return None
    return None if entry.body["imported"] or entry.body["is_reversed"] else int(entry.body["debt"])


def _contact(say: _Teller) -> tuple[str, list[str]]:
    body = say.entry.body
    towards = _TOWARDS.get((body["channel"] == "voice", body["direction"]))
    way = towards.in_language(say.language) if towards else ""
    way = way if body["channel"] == "voice" and way else f"{way} {say.word('channel', 'channel')}".strip()
    outcome = say.word("outcome", "outcome") or say.say("结果未知", "outcome unknown")
    talked = duration(body["talk_seconds"], say.language) if body.get("talk_seconds") else ""
    imported = say.say("导入的历史", "imported history") if body["imported"] else ""
    return " ".join(part for part in (way, say.party(), outcome, talked) if part), [
        body.get("staff") or "",
        say.word("purpose", "purpose"),
        imported,
    ]


def _permit(say: _Teller) -> tuple[str, list[str]]:
    body = say.entry.body
    if body["channel"] == "voice" and body.get("delivery") in ("waiting", "claimed"):
        state = vocabulary.word("calling", body["delivery"]).in_language(say.language)
    elif body.get("delivery"):
        state = say.word("left", "delivery")
    else:
        state = vocabulary.word("left", f"permit_{body['state']}").in_language(say.language)
    return " ".join(part for part in (say.word("channel", "channel"), say.party(), state) if part), [
        say.say("已准许", "permitted"),
        body.get("released_because") or "",
    ]


def _decision(say: _Teller) -> tuple[str, list[str]]:
    reasons = say.entry.body.get("reasons") or []
    first: dict[str, Any] = reasons[0] if reasons else {}
    explain = first.get("explain", {}).get(say.language, "")
    explain = set_chinese(explain) if say.language == "zh" else explain
    article = cited(first.get("cites", "")).in_language(say.language)
    parts = (say.word("channel", "channel"), say.party(), say.word("verdict", "verdict"))
    title = " ".join(part for part in parts if part)
    if not _is_owing(say):
        return title, [article]  # a third person: the article alone, no recipe
    lawful_from = say.moment("next_permitted_at")
    return title, [
        explain,
        article,
        lawful_from and say.say(f"{lawful_from} 起可行", f"lawful from {lawful_from}"),
    ]


def _is_owing(say: _Teller) -> bool:
    party = say.entry.body.get("party")
    roles = {one["id"]: one["role"] for one in say.entry.body.get("parties") or []}
    return roles.get(party, "debtor") in OWING


def _note(say: _Teller) -> tuple[str, list[str]]:
    body = say.entry.body
    title = f"{say.say('催记', 'Note')} · {say.code('action', 'action')} · {say.code('outcome', 'outcome')}"
    step = f"{say.say('下一步', 'next')} {say.code('next_step', 'next_step')} {say.moment('next_step_at')}"
    return title, [say.code("overdue_reason", "overdue_reason"), step, body["author"]]


def _promise(say: _Teller) -> tuple[str, list[str]]:
    due = date.fromisoformat(say.entry.body["due_on"])
    title = say.say(
        f"承诺 {due:%m-%d} 还 {say.yuan('amount_minor')}", f"Promised {say.yuan('amount_minor')} by {due:%m-%d}"
    )
    paid = say.entry.body["paid_minor"]
    return title, [say.word("promise", "state"), say.say("已还 ", "paid ") + say.yuan("paid_minor") if paid else ""]


def _payment(say: _Teller) -> tuple[str, list[str]]:
    body = say.entry.body
    surplus = body["amount_minor"] - body["applied_minor"]
    spare = f"{say.say('未抵扣', 'surplus')} {amount(surplus)}" if surplus else ""
    paid_on = date.fromisoformat(body["paid_on"])
    later = say.say(f"还款日 {paid_on:%m-%d}", f"paid on {paid_on:%m-%d}") if not body["imported"] else ""
    return f"{say.word('payment', 'kind')} {say.yuan('amount_minor')}", [
        later,
        spare,
        say.word("source", "source"),
    ]


def _statement(say: _Teller) -> tuple[str, list[str]]:
    detail: dict[str, Any] = say.entry.body.get("detail") or {}
    hours = f"{detail['from']}–{detail['to']}" if "from" in detail and "to" in detail else ""
    channel = vocabulary.word("channel", detail["channel"]).in_language(say.language) if "channel" in detail else ""
    why = vocabulary.word("denial", detail["why"]).in_language(say.language) if "why" in detail else ""
    paid = f"{amount(detail['amount_minor'])} {say.say('元', 'CNY')}" if "amount_minor" in detail else ""
    title = f"{say.say('客户意愿', 'Statement')} · {say.party()} {say.word('statement', 'kind')}".replace("·  ", "· ")
    return title, [hours, channel, why, paid, say.word("source", "source")]


def _stop(say: _Teller) -> tuple[str, list[str]]:
    body = say.entry.body
    until = say.moment("until_at")
    lifted = say.moment("lifted_at")
    return f"{say.say('停催', 'Stop')} · {say.word('stop', 'kind')}", [
        body["ground"],
        until and say.say(f"至 {until}", f"until {until}"),
        lifted and say.say(f"{lifted} 已解除：{body['lifted_ground']}", f"lifted {lifted}: {body['lifted_ground']}"),
        body["set_by"],
    ]


def _import(say: _Teller) -> tuple[str, list[str]]:
    return say.say("由导入建立", "Came with an import"), [f"#{say.entry.body['import']}"]


def _unmasking(say: _Teller) -> tuple[str, list[str]]:
    whose = say.party()
    title = f"{say.say('查看明文', 'Seen in the clear')} · {f'{whose} ' if whose else ''}{say.word('unmasked', 'what')}"
    return title, [say.word("unmask_ground", "ground"), say.entry.body["staff"] or "", say.word("role", "role")]


_TELLERS: dict[str, Callable[[_Teller], tuple[str, list[str]]]] = {
    "contact": _contact,
    "permit": _permit,
    "decision": _decision,
    "note": _note,
    "promise": _promise,
    "payment": _payment,
    "statement": _statement,
    "stop": _stop,
    "import": _import,
    "unmasking": _unmasking,
}
