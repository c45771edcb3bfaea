"""What no single file of a pack can show: labels, parameters and cases that fit each other."""

from datetime import timedelta

from zhizhi.core.law.errors import PackError
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
        raise PackError("pack.toml", 1, f"more than {PACK_RULES_MAX} rules", "split the pack")
    seen: set[str] = set()
    for article in pack.articles:
        for rule in article.rules:
            if rule.label in seen:
                raise PackError(article.file, rule.line, f"label `{rule.label}` stands twice in the pack", "rename one")
            seen.add(rule.label)


def _check_params(pack: Pack) -> None:
    for article in pack.articles:
        for rule in article.rules:
            for name in sorted({name for clause in rule.clauses.values() for name in params_of(clause)}):
                parameter = pack.params.get(name)
                if parameter is None:
                    raise PackError(
                        article.file, rule.line, f"parameter `{name}` is missing", f"add `params/{name}.yaml`"
                    )
                _check_unit(article, rule, parameter)
                _check_covers(pack, article, parameter)


def _check_unit(article: Article, rule: Rule, parameter: Parameter) -> None:
    """A period is counted in the unit that the parameter is written in."""
    for clause in rule.clauses.values():
        if isinstance(clause.body, Duty | Retain) and clause.body.period != parameter.unit:
            raise PackError(
                article.file,
                rule.line,
                f"`{parameter.name}` counts {parameter.unit}, the rule {clause.body.period}",
                "write the same unit in both",
            )


def _check_covers(pack: Pack, article: Article, parameter: Parameter) -> None:
    """A number is there on every day on which pack and article are in force."""
    file, last = f"params/{parameter.name}.yaml", parameter.values[-1].span.until
    spans = [pack.in_force] if article.in_force is None else [pack.in_force, article.in_force]
    first = max(span.first for span in spans)
    if parameter.on(first) is None:
        raise PackError(file, 1, f"no value on {first}", "begin on the day the pack or the article comes into force")
    end = min((span.until for span in spans if span.until is not None), default=None)
    if last is not None and (end is None or parameter.on(end - timedelta(days=1)) is None):
        raise PackError(file, 1, f"no value from {last} on", "leave `until` off the last value")


def _check_cases(pack: Pack) -> None:
    labels = {rule.label for rule in pack.rules}
    for case in pack.cases:
        if case.rule not in labels:
            raise PackError(case.file, case.line, f"unknown rule `{case.rule}`", "use the label of a rule of this pack")
    told = {(case.rule, case.expect) for case in pack.cases}
    for article in pack.articles:
        for rule in article.rules:
            for expect in ("hit", "near_miss"):
                if (rule.label, expect) not in told and _decides(rule):
                    raise PackError(
                        article.file,
                        rule.line,
                        f"rule `{rule.label}` has no {expect.replace('_', ' ')} case",
                        f"add one to cases/{article.row}.yaml",
                    )


def _decides(rule: Rule) -> bool:
    """Whether the rule decides contacts; steps, duties and retention need no hit and near miss."""
    return any(not isinstance(clause.body, (Oblige, *SILENT)) for clause in rule.clauses.values())
