"""One person's story of contacts, judged: the same reading of the law as for a log, in plain words. Stores nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from zhizhi.core.conduct.audit.judge import Breach, Judge, Judged
from zhizhi.core.conduct.audit.knowledge import Assumption, Knowledge
from zhizhi.core.conduct.audit.severity import Severity
from zhizhi.core.conduct.audit.story import Contact, Story
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.store.packs import load_law
from zhizhi.usecases.audit.contact import STATED, LogRow, contact_of
from zhizhi.usecases.audit.fact_words import fact_text
from zhizhi.usecases.audit.fields import FIELDS
from zhizhi.usecases.audit.log_map import LogMap

CONTACTS_MAX = 10
TIMES_MAX = 20
UNKNOWN_LENDER = "cn.bank.online"
"""Whose rules answer where the borrower does not know what kind of lender it is; the answer says so."""

_ONE_CAN_FIND_OUT: Mapping[str, Text] = {
    "party.refused": Text("是否明确要求过不要再联系", "whether you had clearly asked not to be contacted"),
    "party.named_by_debtor": Text(
        "那个人是不是借款时填写的联系人", "whether that person was named when the loan was taken"
    ),
    "party.offered_to_pay": Text("那个人是否说过愿意代还", "whether that person offered to pay"),
    "contact.purpose": Text("对方联系的目的", "what the contact was for"),
    "contact.content": Text("对方说了什么", "what was said"),
    "contact.discloses_debt": Text("是否透露了欠款", "whether the debt was told"),
    "contact.identifies_collector": Text("对方是否说明自己是谁", "whether they said who they were"),
    "contact.robot": Text("是不是机器人语音", "whether it was a robot"),
    "contact.team_size": Text("来了几个人", "how many came"),
    "contact.id_shown": Text("是否出示证件", "whether cards were shown"),
    "visit.consented": Text("事先是否同意上门", "whether the visit was agreed to"),
    "entry.consented": Text("是否同意进屋", "whether entering was agreed to"),
    "debts.state": Text("这笔债是否逾期、是否已还清", "whether the debt is overdue or paid"),
    "debtor.state": Text("借款人的处境", "the borrower's situation"),
    "statements.agree_hours": Text("约定过哪些联系时段", "which hours were agreed"),
    "statements.agree_frequency": Text("约定过多少次联系", "how many contacts were agreed"),
    "statements.inconvenient_time": Text("说过哪些不方便的时间", "which times were named as inconvenient"),
    "party.refused_channel": Text("是否拒绝过这种联系方式", "whether this way of contact was refused"),
    "point.refused": Text("是否拒绝过用这个号码", "whether this number was refused"),
    "debts.claimed_paid": Text("是否说过已经还清", "whether the debt was said to be paid"),
    "debts.disputed": Text("是否对债务提过异议", "whether the debt was disputed"),
    "debtor.represented": Text("是否已委托律师", "whether a lawyer was named"),
}
"""Facts that the person himself can find out, in his words; every other one is the institution's to tell."""

FORCES: Mapping[str, Text] = {
    "law": Text("法律、司法解释", "law"),
    "department_rule": Text("部门规章", "departmental rule"),
    "normative_document": Text("规范性文件", "normative document"),
    "recommended_standard": Text("推荐性国家标准", "recommended national standard"),
    "self_regulation": Text("行业自律规则", "industry self-regulation"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One kind of contact as the person tells it; `found`: fields of a log, None where he does not know."""

    at: datetime
    channel: str
    times: int
    found: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """The whole story. `no_agreement`: no hours or numbers were agreed. `nothing_else`: nor anything else asked for."""

    profile: str
    contacts: tuple[Happened, ...]
    no_agreement: bool
    nothing_else: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that was broken, as people read it. `which`: of several such contacts of the day, those that broke it."""

    cites: str
    instrument: Text
    force: Text
    title: Text
    says: Text
    confidence: str
    severity: Severity
    which: tuple[int, ...]
    only_if: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said of one contact: rules broken, facts to find out, facts that only the institution has."""

    place: int
    times: int
    broken: tuple[Broken, ...]
    to_find_out: tuple[Text, ...]
    theirs: tuple[Text, ...]

    @property
    def further(self) -> int:
        """Rules broken beside the first three."""
        return max(0, len(self.broken) - 3)

    @property
    def verdict(self) -> str:
        """`broken`, `open` where a fact decides, else `kept` as far as told."""
        if self.broken:
            return "broken"
        return "open" if self.to_find_out else "kept"


def judge_story(told: Told) -> list[Answer]:
    """Judge a story. Contacts are judged in the order of time, each with those before it; strict reading."""
    law = load_law(told.profile or UNKNOWN_LENDER)
    assumed = frozenset(Assumption) - {Assumption.COMPLETE, Assumption.NO_AGREEMENT}
    if told.no_agreement:
        assumed |= {Assumption.NO_AGREEMENT}
    log_map = LogMap(sources=(), channel="voice", assumed=assumed)
    rows = [
        (place, happened, number)
        for place, happened in enumerate(told.contacts)
        for number in range(min(happened.times, TIMES_MAX))
    ]
    rows.sort(key=lambda row: row[1].at)
    contacts = [_contact(f"r{place}.{number}", happened, log_map) for place, happened, number in rows]
    asked = {name for happened in told.contacts for name in happened.found}
    spoken = frozenset(feature for name in asked for feature in FIELDS[name].speaks)
    knowledge = Knowledge(spoken=spoken, statements=told.no_agreement and told.nothing_else, assumed=assumed)
    judge = Judge(law, "strict", knowledge)
    judged = list(judge.judge(Story("one", contacts)))
    judged.sort(key=_place)
    return [_answer(place, list(of_place), law) for place, of_place in groupby(judged, key=_place)]


def _contact(row: str, happened: Happened, log_map: LogMap) -> Contact:
    """Boundary: what he says he does not know is unknown, whatever else he said."""
    contact = contact_of(LogRow(row, happened.at, None, {**happened.found, "channel": happened.channel}), log_map)
    unknown = {feature: None for name, feature in STATED.items() if happened.found.get(name, "") is None}
    return replace(contact, told={**contact.told, **unknown})


def _place(judged: Judged) -> int:
    return int(judged.contact.row[1:].partition(".")[0])


def _number(judged: Judged) -> int:
    return int(judged.contact.row.partition(".")[2]) + 1


def _answer(place: int, judged: Sequence[Judged], law: Law) -> Answer:
    which: dict[tuple[str, str], list[int]] = {}
    first: dict[tuple[str, str], Breach] = {}
    for one in judged:
        for breach in one.breaches:
            article = (breach.rule.row, breach.rule.cites)
            first.setdefault(article, breach)
            numbers = which.setdefault(article, [])
            if _number(one) not in numbers:
                numbers.append(_number(one))
    broken = sorted(
        (_broken(breach, tuple(which[article]), law) for article, breach in first.items()),
        key=lambda one: (list(Severity).index(one.severity), one.confidence != "high", _rank(one.force)),
    )
    facts = dict.fromkeys(fact for one in judged for fact in _missing(one))
    return Answer(
        place,
        len(judged),
        tuple(broken),
        tuple(_ONE_CAN_FIND_OUT[fact] for fact in facts if fact in _ONE_CAN_FIND_OUT),
        tuple(dict.fromkeys(fact_text(fact) for fact in facts if fact not in _ONE_CAN_FIND_OUT)),
    )


def _rank(force: Text) -> int:
    """The higher law first."""
    ranks = list(FORCES.values())
    return ranks.index(force) if force in ranks else len(ranks)


def _missing(judged: Judged) -> Iterator[str]:
    for one in (*judged.in_row, *judged.in_log):
        yield from one.missing_kinds


def _broken(breach: Breach, which: tuple[int, ...], law: Law) -> Broken:
    rule = breach.rule
    pack = next(pack for pack in law.packs if any(one.id == rule.id for one in pack.rules))
    article = next((one for one in pack.articles if one.row == rule.row), None)
    return Broken(
        rule.cites,
        pack.title,
        FORCES.get(pack.force, Text(pack.force, pack.force)),
        article.title if article is not None and len(article.rules) == 1 else breach.explain,
        article.paraphrase if article is not None else breach.explain,
        rule.confidence,
        breach.severity,
        which,
        tuple(sorted(breach.rests_on & {Assumption.NO_AGREEMENT})),
    )
