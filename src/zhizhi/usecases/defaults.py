"""What a new lender begins with: codes of notes, wordings and the two default strategies, each signed by two persons.

Defaults are added where there is nothing yet; what a lender has edited is never touched.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from zhizhi.store.strategy.working import load_lenders
from zhizhi.store.transact.defaults import add_codes, known_strategies, known_templates
from zhizhi.store.transact.strategies import activate_version, add_strategy_version
from zhizhi.usecases.assessments.asking import add_assessments
from zhizhi.usecases.strategy_table import parse_strategy
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template, variables_for

STRATEGIES = ("c_step_by_step.toml", "e_remote_first.toml")
ACTIVE_STRATEGY = "C"


@dataclass(frozen=True, slots=True)
class AddDefaults:
    """Who drafts and who approves; two different persons."""

    author: int
    approver: int


@dataclass(frozen=True, slots=True)
class AddedDefaults:
    """What was new."""

    codes: int
    templates: int
    strategies: int


def add_defaults(command: AddDefaults, at: datetime) -> AddedDefaults:
    """Add what is missing for every lender. Refuses: one person in both parts."""
    added_codes = add_codes(_read("codes.toml"))
    templates = strategies = 0
    for lender_id, _, _ in load_lenders():
        templates += _add_templates(lender_id, command, at)
        strategies += _add_strategies(lender_id, command, at)
    add_assessments(command.author, command.approver, at)
    return AddedDefaults(added_codes, templates, strategies)


def _add_templates(lender_id: int, command: AddDefaults, at: datetime) -> int:
    known = known_templates(lender_id)
    new = [row for row in _read("templates.toml")["template"] if row["code"] not in known]
    for row in new:
        version_id = draft_template(
            DraftTemplate(
                lender_id=lender_id,
                code=row["code"],
                channel=row["channel"],
                kind=row["kind"],
                name=row["name"],
                subject=row.get("subject", ""),
                body=row["body"],
                variables=tuple(
                    name for name in variables_for(row["kind"]) if f"{{{name}}}" in row["body"] + row.get("subject", "")
                ),
                marks=(),
                discloses_debt=row.get("discloses_debt", True),
                provider_template=f"{row['code']}-1",
                by=command.author,
            ),
            at,
        )
        approve_template(ApproveTemplate(version_id, True, command.approver), at)
    return len(new)


def _add_strategies(lender_id: int, command: AddDefaults, at: datetime) -> int:
    known = known_strategies(lender_id)
    added = 0
    for name in STRATEGIES:
        body = (files("zhizhi") / "defaults" / "strategies" / name).read_text(encoding="utf-8")
        table = parse_strategy(body)
        if table.code in known:
            continue
        version_id = add_strategy_version(lender_id, table.code, table.name.zh, body, at=at, by=command.author)
        if table.code == ACTIVE_STRATEGY and not known:
            activate_version(version_id, at=at, by=command.approver)
        added += 1
    return added


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("zhizhi") / "defaults" / name).read_text(encoding="utf-8"))
