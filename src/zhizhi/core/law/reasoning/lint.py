"""What a solver can say against a law: rules that never speak, that others always cover, that exclude each other.

Errors are proven: no contact that the axioms allow makes the rule speak, or may be made where it applies. Warnings ask
for a look: packs of several instruments repeat each other on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.law import Bound, Law
from zhizhi.core.law.nodes import Cap, Condition, Forbid, Hold, Oblige, Rule
from zhizhi.core.law.pack import Article, Pack
from zhizhi.core.law.reasoning.said import Said, said, truth
from zhizhi.core.law.reasoning.smt import Found, NotDecided, Solver, Term, conj, disj, neg
from zhizhi.core.law.reasoning.spans import stretches
from zhizhi.core.law.reasoning.symbols import Symbols
from zhizhi.core.law.reasoning.verdicts import Side, Spoken, all_axioms, spoken
from zhizhi.core.law.rules import READINGS

ERROR, WARNING, NOTE = "error", "warning", "note"
FORMS = ("contact.channel", "contact.purpose", "party.role")
"""Choices of which every value should be permitted to somebody at some time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something against a rule: where it stands, what is wrong and what to do. `about`: the other rule, or the form."""

    level: str
    code: str
    pack: str
    file: str
    line: int
    rule: str
    about: str
    text: Text

    @property
    def key(self) -> tuple[str, str, str]:
        """What a list of accepted findings names it by."""
        return (self.code, self.rule, self.about)


def lint(law: Law, today: date) -> list[Finding]:
    """Everything that can be said against a law as it stands on a day, and about its change over time."""
    found = [*_of_cases(law), *_gaps(law)]
    for reading in READINGS:
        found += _Look(law, reading, today).findings()
    return list(dict.fromkeys(found))


def _articles(law: Law) -> dict[str, tuple[Pack, Article, Rule]]:
    return {rule.id: (pack, article, rule) for pack in law.packs for article in pack.articles for rule in article.rules}


def _of_cases(law: Law) -> Iterator[Finding]:
    """What the parser refuses too, said again of packs that came another way; and numbers that only widen."""
    for pack, article, rule in _articles(law).values():
        told = {case.expect for case in pack.cases if case.rule == rule.label}
        decides = any(not isinstance(clause.body, Oblige) and _asks(clause.body) for clause in rule.clauses.values())
        for expect in ("hit", "near_miss"):
            if decides and expect not in told:
                yield Finding(ERROR, "no_case", pack.id, article.file, rule.line, rule.id, expect, Text(
                    f"规则没有 {expect} 案例; 办法: 加入 cases/{article.row}.yaml",
                    f"the rule has no {expect} case; help: add one to cases/{article.row}.yaml",
                ))  # fmt: skip
        widens = any(isinstance(clause.body, Cap) and clause.body.higher_counts for clause in rule.clauses.values())
        if rule.confidence == "low" and ("text" in rule.clauses or widens):
            yield Finding(ERROR, "low_permits", pack.id, article.file, rule.line, rule.id, "", Text(
                "低可信度的条目只能收紧从严读法; 办法: 去掉平实读法或 higher_counts",
                "a row of low confidence may only restrict strict; help: drop its text reading, or higher_counts",
            ))  # fmt: skip


def _asks(body: object) -> bool:
    return type(body).__name__ not in ("Duty", "Retain")


def _gaps(law: Law) -> Iterator[Finding]:
    """Days from which on a channel has no cap although it had one before, or from which on there is no law at all."""
    before: set[str] | None = None
    for stretch in reversed(stretches([law])):
        rules = Side(law, "strict").rules_on(stretch.first)
        capped = set().union(*(_channels(bound.clause.when) for bound in rules if isinstance(bound.clause.body, Cap)))
        for channel in sorted((before or set()) - capped):
            about = f"{channel} {stretch.first}"
            yield Finding(ERROR, "gap", law.packs[0].id, "pack.toml", 1, law.profile, about, Text(
                f"自 {stretch.first} 起渠道 {channel} 不再有次数上限; 办法: 检查 in_force 与 params 的起止",
                f"from {stretch.first} on no cap on {channel} stands; help: look at the spans of articles and params",
            ))  # fmt: skip
        before = capped


@lru_cache(maxsize=256)
def _channels(condition: Condition) -> frozenset[str]:
    """The channels on which a condition may hold."""
    symbols = Symbols()
    when = truth(condition, symbols)
    solver = Solver(axiom.formula for axiom in all_axioms([symbols]))
    channels = sorted(FEATURES["contact.channel"].values)
    return frozenset(one for one in channels if solver.ask(when.yes, symbols.holds("contact.channel", one)) is not None)


class _Look:
    """A law under one reading on one day, before the solver."""

    def __init__(self, law: Law, reading: str, day: date) -> None:
        self.reading, self.articles = reading, _articles(law)
        self.symbols = Symbols(reading)
        self.spoken: Spoken = spoken(Side(law, reading), day, self.symbols)
        self.bare: dict[str, Said] = {
            name: said(replace(bound.clause, breach="forbid"), self.symbols)
            for name, bound in self.spoken.rules.items()
        }
        self.solver = Solver(axiom.formula for axiom in all_axioms([self.symbols]))

    def findings(self) -> Iterator[Finding]:
        """All of them; a rule that never speaks is not asked further."""
        for name, bound in self.spoken.rules.items():
            try:
                yield from self._of_rule(name, bound)
            except NotDecided:
                yield self._finding(WARNING, "not_decided", name, "", "求解器未能判定", "the solver did not decide")
        yield from self._forms()

    def _of_rule(self, name: str, bound: Bound) -> Iterator[Finding]:
        applies = self._applies(bound)
        if isinstance(bound.clause.body, Oblige):
            if self.solver.ask(applies, self.spoken.permits) is None:
                yield self._finding(
                    ERROR, "excluded_obligation", name, "",
                    "凡规则适用之处均被他条禁止, 这项义务无从履行; 办法: 核对 when",
                    "wherever it applies the contact is barred, so nobody can do it; help: look at `when`",
                )  # fmt: skip
            return
        model = self.solver.ask(self.bare[name].speaks)
        if model is None:
            yield self._finding(
                ERROR, "unreachable", name, "",
                "没有任何联系会触发这条规则; 办法: 核对 when、unless 与主体",
                "no contact can ever make it speak; help: look at `when`, `unless` and the body",
            )  # fmt: skip
            return
        demands = not isinstance(bound.clause.body, Forbid | Hold)
        if demands and self.solver.ask(applies, self.spoken.permits) is None:
            yield self._finding(
                ERROR, "contradiction", name, "",
                "凡规则适用之处任何联系都不准许, 其要求与他条相互排斥; 办法: 找出相互矛盾的条目",
                "wherever it applies nothing is permitted: its demand excludes another's; help: find the other rule",
            )  # fmt: skip
        if bound.clause.breach != "warning":
            yield from self._covered(name, model)

    def _applies(self, bound: Bound) -> Term:
        when, unless = truth(bound.clause.when, self.symbols), truth(bound.clause.unless, self.symbols)
        return conj([when.yes, unless.no])

    def _covered(self, name: str, model: Found) -> Iterator[Finding]:
        """Rules that always speak at least as strongly where this one does; each answer rules out others."""
        left = self._as_strong(model, name, [other for other in self.spoken.rules if other != name])
        while left:
            other = left.pop(0)
            beyond = self.solver.ask(self._stronger(self.spoken.said[name], self.spoken.said[other]))
            if beyond is not None:
                left = self._as_strong(beyond, name, left)
                continue
            same = self._pack(name) == self._pack(other)
            yield self._finding(
                WARNING if same else NOTE, "subsumed", name, other,
                f"凡此规则作出结论之处, {other} 都作出同等或更强的结论; 办法: 确认是否有意重复",
                f"`{other}` says at least as much wherever it speaks; help: see whether that is meant",
            )  # fmt: skip

    def _stronger(self, own: Said, other: Said) -> Term:
        """Where the first says more than the second."""
        forbids = conj([own.forbids, neg(other.forbids)])
        holds = conj([own.holds, neg(other.forbids), neg(other.holds)])
        return disj([forbids, holds, conj([own.presumes, neg(other.speaks)])])

    def _as_strong(self, model: Found, name: str, others: list[str]) -> list[str]:
        """Those of the others that say at least as much as the rule does for one contact."""
        least = _strength(model, self.spoken.said[name])
        return [other for other in others if _strength(model, self.spoken.said[other]) >= least]

    def _forms(self) -> Iterator[Finding]:
        """Channels, purposes and roles with which no contact could ever be permitted."""
        for form in FORMS:
            for value in sorted(FEATURES[form].values):
                if self.solver.ask(self.symbols.holds(form, value), self.spoken.permits) is None:
                    yield Finding(WARNING, "never_permitted", "", "", 0, "", f"{form}={value}", Text(
                        f"{form} 为 {value} 的联系永远不会被准许; 办法: 确认是否有意",
                        f"no contact with {form} {value} can ever be permitted; help: see whether that is meant",
                    ))  # fmt: skip

    def _pack(self, name: str) -> str:
        return self.articles[name][0].id

    def _finding(self, level: str, code: str, name: str, about: str, zh: str, en: str) -> Finding:
        pack, article, rule = self.articles[name]
        return Finding(level, code, pack.id, article.file, rule.line, name, about, Text(zh, en))


def _strength(model: Found, rule: Said) -> int:
    return 3 if model.flag(rule.forbids) else 2 if model.flag(rule.holds) else 1 if model.flag(rule.presumes) else 0
