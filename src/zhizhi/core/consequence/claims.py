"""What a wording claims of consequences, and why a claim is not true of a debt today.

A claim that is not true carries the mark `false_consequence`, which the rule packs forbid (GB/T 45251-2025,
CBA 2026 42, MLC-2). Unknown is not true. Nothing here permits: a mark is only ever added.

Law: adverse information is supplied after the person was told (CRR 15), and an item that is objected to is marked as
disputed until it was checked (CRR 25); facts are stated, nobody is threatened with them (F-09).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from zhizhi.core.consequence.words import Claim, Fact
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.talk import PREPARED, TITLED, CourtTalk, court_talk
from zhizhi.core.litigation.words import State

_CREDIT = re.compile(
    r"征信|信用报告|信用记录|信用污点|信用档案|不良记录|黑名单|credit (?:record|report|bureau|file|score)",
    re.IGNORECASE,
)
_ADVERSE = re.compile(
    r"不良|影响|上报|报送|计入|记入|纳入|留下|污点|受损|黑名单|advers|negativ|affect|damag|report", re.IGNORECASE
)
_DONE = re.compile(
    r"已(?:经)?(?:被)?[^，。；]{0,8}(?:上报|报送|计入|记入|纳入)|(?:has|have) been reported|already reported",
    re.IGNORECASE,
)
_STOPPED = re.compile(r"停止计息|停息|不再计(?:收)?(?:利|罚)?息|利息已停|interest (?:has )?stopped", re.IGNORECASE)
_RUNNING = re.compile(
    r"继续计(?:收|算)?(?:利|罚|息)|(?:利息|罚息|复利|违约金)[^，。；]{0,8}(?:继续|累计|累积|增加|每日|按日)"
    r"|(?:按日|每日)[^，。；]{0,8}(?:计息|罚息|利息)|interest (?:continues|goes on|keeps)",
    re.IGNORECASE,
)
_ACCELERATED = re.compile(
    r"提前到期|全部到期|加速到期|(?:宣布|要求)[^，。；]{0,8}一次性(?:还清|清偿|结清)|accelerat"
    r"|whole (?:loan|debt) (?:is )?due",
    re.IGNORECASE,
)
_COURT = {CourtTalk.SUIT: Claim.SUIT, CourtTalk.ENFORCEMENT: Claim.ENFORCEMENT}
OF_CREDIT = frozenset((Claim.CREDIT_REPORTING, Claim.ADVERSE_REPORT, Claim.ADVERSE_REPORTED))
OF_COURT = frozenset((Claim.SUIT, Claim.ENFORCEMENT))
THE_NOTICE_ITSELF = "required_by_law"
"""Purpose of the message that tells the person beforehand: it claims what it announces, and cannot rest on itself."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one debt today: `holds` by fact, with the day from which; a fact that is absent is unknown.

    `is_disputed`: an objection to its credit data is open. `court`: where its open court file stands, if it has one.
    """

    holds: Mapping[Fact, bool] = field(default_factory=dict)
    since: Mapping[Fact, date] = field(default_factory=dict)
    is_disputed: bool = False
    court: State | None = None


NOTHING_KNOWN = Truth()


@lru_cache(maxsize=512)
def claims_in(wording: str) -> frozenset[Claim]:
    """What a wording claims by its words; read before names and sums are filled in.

    Boundary: a list of terms. A claim in other words is declared by whoever drafts, or refused by the second person.
    """
    found = {_COURT[talk] for talk in court_talk(wording)}
    if _CREDIT.search(wording):
        found.add(Claim.CREDIT_REPORTING)
        found |= {Claim.ADVERSE_REPORT} if _ADVERSE.search(wording) else set()
        found |= {Claim.ADVERSE_REPORTED} if _DONE.search(wording) else set()
    for claim, pattern in (
        (Claim.INTEREST_STOPPED, _STOPPED),
        (Claim.INTEREST_RUNNING, _RUNNING),
        (Claim.ACCELERATED, _ACCELERATED),
    ):
        if pattern.search(wording):
            found.add(claim)
    return frozenset(found)


def why_untrue(claim: Claim, truth: Truth, purpose: str = "") -> Text | None:
    """Why a claim may not be made of this debt today; None where it is true."""
    if claim in OF_CREDIT and truth.is_disputed:
        return Text("征信异议处理期间不得据此催告", "an objection to its credit data is being checked")
    missing = [fact for fact in _rests_on(claim, purpose) if truth.holds.get(fact) is not True]
    if missing:
        return _unknown_or_not(missing[0], truth)
    if claim is Claim.INTEREST_RUNNING and truth.holds.get(Fact.INTEREST_STOPPED) is not False:
        if Fact.INTEREST_STOPPED in truth.holds:
            return Fact.INTEREST_STOPPED.label
        return Text("未登记是否仍在计息", "whether interest runs is not on record")
    if claim is Claim.SUIT and truth.court not in PREPARED:
        return Text("没有在办的诉讼、仲裁或支付令案卷", "no file is on its way to a court")
    if claim is Claim.ENFORCEMENT and truth.court not in TITLED:
        return Text("没有生效文书", "there is no title")
    return None


_RESTS_ON = {
    Claim.CREDIT_REPORTING: (Fact.CREDIT_REPORTING,),
    Claim.ADVERSE_REPORT: (Fact.CREDIT_REPORTING, Fact.ADVERSE_NOTICE),
    Claim.ADVERSE_REPORTED: (Fact.CREDIT_REPORTING, Fact.ADVERSE_REPORTED),
    Claim.INTEREST_STOPPED: (Fact.INTEREST_STOPPED,),
    Claim.ACCELERATED: (Fact.ACCELERATED,),
}


def _rests_on(claim: Claim, purpose: str) -> tuple[Fact, ...]:
    facts = _RESTS_ON.get(claim, ())
    is_notice = claim is Claim.ADVERSE_REPORT and purpose == THE_NOTICE_ITSELF
    return tuple(fact for fact in facts if not (is_notice and fact is Fact.ADVERSE_NOTICE))


def _unknown_or_not(fact: Fact, truth: Truth) -> Text:
    what = fact.label
    if fact in truth.holds:
        return Text(f"登记为不属实：{what.zh}", f"on record as not so: {what.en}")
    return Text(f"没有登记：{what.zh}", f"not on record: {what.en}")


def untrue_of(claims: Iterable[Claim], truths: Mapping[int, Truth], purpose: str = "") -> dict[Claim, Text]:
    """The claims that are not true of every one of these debts, each with the first debt's reason. No debt: none is."""
    found: dict[Claim, Text] = {}
    for claim in sorted(claims):
        for truth in truths.values() or (NOTHING_KNOWN,):
            because = why_untrue(claim, truth, purpose)
            if because is not None:
                found[claim] = because
                break
    return found
