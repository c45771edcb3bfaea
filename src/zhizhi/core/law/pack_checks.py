"""What no single file of a pack can show: labels, parameters and cases that fit each other."""

from datetime import timedelta

from zhizhi.core.law import mistakes as its
from zhizhi.core.law.nodes import SILENT, Duty, Oblige, Retain, Rule, params_of
from zhizhi.core.law.pack import Article, Pack, Parameter

PACK_RULES_MAX = 500


def check_pack(pack: Pack) -> None:
    """Check a pack as a whole. Refuses: PackError, with the file and the line."""
    _check_labels(pack)
    _check_params(pack)
    _check_cases(pack)


def _check_labels(pack: Pack) -> None:
    if len(pack.rules) > PACK_RULES_MAX:
        raise its.TOO_MANY_RULES.at("pack.toml", 1, most=PACK_RULES_MAX)
    seen: set[str] = set()
    for article in pack.articles:
        for rule in article.rules:
            if rule.label in seen:
                raise its.LABEL_TWICE.at(article.file, rule.line, label=rule.label)
            seen.add(rule.label)


def _check_params(pack: Pack) -> None:
    for article in pack.articles:
        for rule in article.rules:
            for name in sorted({name for clause in rule.clauses.values() for name in params_of(clause)}):
                parameter = pack.params.get(name)
                if parameter is None:
                    raise its.PARAMETER_MISSING.at(article.file, rule.line, name=name)
                _check_unit(article, rule, parameter)
                _check_covers(pack, article, parameter)


def _check_unit(article: Article, rule: Rule, parameter: Parameter) -> None:
    """A period is counted in the unit that the parameter is written in."""
    for clause in rule.clauses.values():
        if isinstance(clause.body, Duty | Retain) and clause.body.period != parameter.unit:
            raise its.OTHER_UNIT.at(
                article.file, rule.line, name=parameter.name, unit=parameter.unit, period=clause.body.period
            )


def _check_covers(pack: Pack, article: Article, parameter: Parameter) -> None:
    """A number is there on every day on which pack and article are in force."""
    file, last = f"params/{parameter.name}.yaml", parameter.values[-1].span.until
    spans = [pack.in_force] if article.in_force is None else [pack.in_force, article.in_force]
    first = max(span.first for span in spans)
    if parameter.on(first) is None:
        raise its.NO_FIRST_VALUE.at(file, 1, first=first)
    end = min((span.until for span in spans if span.until is not None), default=None)
    if last is not None and (end is None or parameter.on(end - timedelta(days=1)) is None):
        raise its.NO_LAST_VALUE.at(file, 1, last=last)


def _check_cases(pack: Pack) -> None:
    labels = {rule.label for rule in pack.rules}
    for case in pack.cases:
        if case.rule not in labels:
            raise its.UNKNOWN_RULE.at(case.file, case.line, label=case.rule)
    told = {(case.rule, case.expect) for case in pack.cases}
    for article in pack.articles:
        for rule in article.rules:
            for expect in ("hit", "near_miss"):
                if (rule.label, expect) not in told and _decides(rule):
                    raise its.CASE_MISSING.at(
                        article.file, rule.line, label=rule.label, kind=expect.replace("_", " "), row=article.row
                    )


def _decides(rule: Rule) -> bool:
    """Whether the rule decides contacts; steps, duties and retention need no hit and near miss."""
    return any(not isinstance(clause.body, (Oblige, *SILENT)) for clause in rule.clauses.values())
