"""A lender's own pack beside the law of a profile: it may only tighten, and what it may not hold at all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import Cap, Retain, Rule
from zhizhi.core.law.pack import Pack

FORCE, PREFIX = "house", "house."


@dataclass(frozen=True, slots=True)
class NotHouse:
    """Why a pack cannot be a house pack of a law: the place, what is wrong, and the remedy."""

    file: str
    line: int
    rule: str
    text: Text


def joined(law: Law, pack: Pack) -> Law:
    """The law with a pack besides, or in the place of the one of the same id. The strongest effect of all decides."""
    if any(one.id == pack.id for one in law.packs):
        return replace(law, packs=tuple(pack if one.id == pack.id else one for one in law.packs))
    return replace(law, packs=(*law.packs, pack))


def house_errors(law: Law, pack: Pack) -> Iterator[NotHouse]:
    """What no proof about contacts shows: identity, zone, numbers that pretend to replace the law's, short keeping."""

    def head(zh: str, en: str) -> NotHouse:
        return NotHouse("pack.toml", 1, "", Text(zh, en))

    if pack.force != FORCE:
        yield head(f"效力应为 `{FORCE}`", f'force `{pack.force}` is not a house\'s; help: write `force = "{FORCE}"`')
    if not pack.id.startswith(PREFIX):
        yield head(
            f"编号应以 `{PREFIX}` 开头", f"id `{pack.id}` could be an instrument; help: begin it with `{PREFIX}`"
        )
    if any(one.id == pack.id for one in law.packs):
        yield head("编号与已有规则包相同", f"id `{pack.id}` would replace a pack of the profile; help: choose another")
    if law.zone is not None and pack.zone != law.zone:
        yield head("时区与业务场景不同", f'zone `{pack.zone}` is not the profile\'s; help: write `zone = "{law.zone}"`')
    for article in pack.articles:
        for rule in article.rules:
            for text in _of_rule(law, pack, rule):
                yield NotHouse(article.file, rule.line, rule.id, text)


def _of_rule(law: Law, pack: Pack, rule: Rule) -> Iterator[Text]:
    for clause in rule.clauses.values():
        body = clause.body
        if isinstance(body, Cap) and body.higher_counts:
            yield Text(
                "`higher_counts` 会把客户约定的更高次数当作上限, 内部规则不得放宽",
                "`higher_counts` lets a party's number stand above the limit; help: remove it",
            )
        if isinstance(body, Retain) and not body.most:
            longest = max(_kept(law, pack, body), default=0)
            if _minutes(body, pack) < longest:
                yield Text(
                    "保存期限短于法规",
                    "records would be kept for a shorter time than the law asks; help: write a longer one",
                )


_MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "working_days": 1440, "months": 31 * 1440, "years": 366 * 1440}


def _kept(law: Law, pack: Pack, body: Retain) -> Iterator[int]:
    """How long packs of the law ask the same keeper to keep the same record from the same occasion on."""
    for other in law.packs:
        for asked in (clause.body for rule in other.rules for clause in rule.clauses.values()):
            if not isinstance(asked, Retain) or asked.most:
                continue
            same = (asked.record, asked.occasion) == (body.record, body.occasion)
            if same and (body.keeper is None or asked.keeper in (None, body.keeper)):
                yield _minutes(asked, other)


def _minutes(body: Retain, pack: Pack) -> int:
    """Roughly in minutes, by its latest number: enough to compare two periods of one unit."""
    within = body.within
    if not isinstance(within, int):
        values = pack.params[within.name].values
        within = max(values, key=lambda value: value.span.first, default=values[-1]).value
    return within * _MINUTES[body.period]
