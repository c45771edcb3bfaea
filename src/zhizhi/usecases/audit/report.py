"""The report of an audit as one document: what was judged by what, what was assumed, counts, rules with their articles.

The command prints it, JSON and PDF hold it, the console stores and shows it: one value.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.conduct.audit import knowledge, severity
from zhizhi.core.conduct.audit.knowledge import Assumption
from zhizhi.core.conduct.audit.severity import severity_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import Rule
from zhizhi.usecases.audit.fact_words import fact_text
from zhizhi.usecases.audit.tally import Tally
from zhizhi.usecases.audit.workers import AuditPlace

FORMAT = "zhizhi-audit/1"
SHOWN_WORKERS = 40


def report_document(place: AuditPlace, tally: Tally, name: str, at: datetime) -> dict[str, Any]:
    """The report. It holds no number, name or key of a person."""
    law = place.law()
    rules = {rule.id: rule for pack in law.packs for rule in pack.rules}
    counts = tally.to_document()
    counts["collectors_broke"] = dict(list(counts["collectors_broke"].items())[:SHOWN_WORKERS])
    counts["collectors_all"] = {key: tally.collectors_all[key] for key in counts["collectors_broke"]}
    return {
        "format": FORMAT,
        "file": name,
        "made_at": at.isoformat(),
        "profile": place.profile,
        "profile_title": law.title.to_document(),
        "reading": place.reading,
        "packs": [{"id": pack.id, "version": pack.version, "sha256": pack.sha256} for pack in law.packs],
        "assumed": [
            {"id": one, **knowledge.WORDS[one].to_document(), "findings": tally.assumptions.get(one, 0)}
            for one in Assumption
            if one in place.reading_of_log.log_map.assumed
        ],
        "columns": sorted(place.reading_of_log.log_map.fields),
        "side_tables": _side_tables(place),
        "rules": [_rule(rules[name], law, count) for name, count in tally.rules.most_common()],
        "severities": {
            one: {**severity.WORDS[one].to_document(), "findings": tally.severities.get(one, 0)}
            for one in severity.Severity
        },
        "not_judged": {"row": _missing(counts.pop("in_row"), rules), "log": _missing(counts.pop("in_log"), rules)},
        "counts": counts,
    }


def _side_tables(place: AuditPlace) -> list[str]:
    facts = place.facts
    given = {
        "statements": facts.statements,
        "debtors": facts.debtor_states,
        "debts": facts.debt_states,
        "agencies": bool(facts.agencies),
        "collectors": bool(facts.collectors),
    }
    return [name for name, is_given in given.items() if is_given]


def _rule(rule: Rule, law: Law, findings: int) -> dict[str, Any]:
    articles = {article.row: article for pack in law.packs for article in pack.articles}
    article = articles.get(rule.row)
    title = article.title if article is not None else Text(rule.label, rule.label)
    grade = severity_of(rule)
    return {
        "id": rule.id,
        "row": rule.row,
        "cites": rule.cites,
        "title": title.to_document(),
        "topic": rule.topic,
        "severity": grade,
        "confidence": rule.confidence,
        "findings": findings,
    }


def _missing(counted: list[dict[str, Any]], rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """What could not be judged, by missing fact: how many contacts, and under which rules."""
    found: dict[str, dict[str, Any]] = {}
    for one in counted:
        rule = rules.get(one["rule"])
        entry = found.setdefault(one["missing"], {"missing": one["missing"], "contacts": 0, "rules": []})
        entry["contacts"] = max(entry["contacts"], one["contacts"])
        entry["rules"].append({"id": one["rule"], "cites": rule.cites if rule else "", "contacts": one["contacts"]})
    for entry in found.values():
        texts = [fact_text(fact) for fact in entry["missing"].split(", ")]
        entry["text"] = {"zh": "、".join(one.zh for one in texts), "en": ", ".join(one.en for one in texts)}
    return sorted(found.values(), key=lambda entry: -entry["contacts"])
