"""`zhizhi law`: decide cases, compare them with what is expected, keep the packs. Needs no database and no settings."""

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from zhizhi.core.conduct.case import Case, CaseError, parse_case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.conduct.errors import CaseCode
from zhizhi.core.conduct.pack_cases import pack_case_fails
from zhizhi.core.kernel.instants import parse_instant
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack, PackCase
from zhizhi.ops.case_documents import BadDocument, read_cases, to_line
from zhizhi.store.packs import list_packs, list_profiles, load_law, load_law_with, read_pack, rewrite_manifest


class Laws:
    """The laws of the profiles, each loaded once for a run."""

    def __init__(self, pack: str | None = None) -> None:
        self._loaded: dict[str, Law] = {}
        self._packs = () if pack is None else (_pack_of(pack),)

    def of(self, profile: str) -> Law:
        """The law of a profile, with a pack besides or in the place of its own where one was named."""
        if profile not in self._loaded:
            self._loaded[profile] = load_law_with(profile, *self._packs)
        return self._loaded[profile]


def _pack_of(folder: str) -> Pack:
    try:
        return read_pack(Path(folder))
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong


# command -> module:attribute; imported when used: some need the database, some a solver, some a query engine.
COMMANDS = {
    "audit": "zhizhi.ops.law_audit:audit_command",
    "diff": "zhizhi.ops.law_diff:diff_command",
    "duties": "zhizhi.ops.law_duties:duties_command",
    "house": "zhizhi.ops.law_house:house_group",
    "lint": "zhizhi.ops.law_lint:lint_command",
    "plan": "zhizhi.ops.law_plan:plan_command",
    "tighten": "zhizhi.ops.law_tighten:tighten_command",
    "replay": "zhizhi.ops.law_replay:replay_command",
    "impact": "zhizhi.ops.law_impact:impact_command",
}


class LawCommands(click.Group):
    """The commands of this module, and those of the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names: the plain ones first."""
        return [*super().list_commands(ctx), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one module that holds the command."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LawCommands)
def law() -> None:
    """法规与判定 · rules as data: decide, check, packs."""


_PACK = click.option(
    "--pack", type=click.Path(exists=True, file_okay=False), help="改用此文件夹的规则包 · with the pack of this folder"
)


@law.command("decide")
@click.argument("cases")
@_PACK
def decide_command(cases: str, pack: str | None) -> None:
    """逐条判定 · decide cases (a file, or - for standard input), one JSON line each."""
    laws = Laws(pack)
    for document in _read(cases):
        click.echo(to_line(_line(document, laws)))


@law.command("check")
@click.argument("cases")
@click.option("--only", type=click.Choice(["high", "medium", "low"]), help="only cases of this confidence")
@click.option(
    "--rows-high", is_flag=True, help="only cases whose expected rules are all rows marked high of packs here"
)
@_PACK
def check_command(cases: str, only: str | None, rows_high: bool, pack: str | None) -> None:
    """与预期比对 · compare verdict and next_permitted_at with `expect`; exits 1 on a difference."""
    laws = Laws(pack)
    tally: Counter[str] = Counter()
    waiting: dict[str, list[str]] = {}
    for document in _read(cases):
        if (only and document.get("confidence") != only) or (rows_high and not _rows_are_high(document, laws)):
            tally["left_out"] += 1
            continue
        difference = _difference(document, laws)
        tally["checked"] += 1
        if difference is None:
            continue
        tally["differences"] += 1
        _say(f"{_echoed(document.get('id'))}: {difference}")
        for row in _rows_not_here(document, laws):
            waiting.setdefault(row, []).append(str(document.get("id")))
    for row, ids in sorted(waiting.items()):
        _say(f"等待规则 waits for row {row}: {', '.join(ids)}")
    _say(
        f"已比对 checked {tally['checked']}, 不符 differences {tally['differences']}, 未选 left out {tally['left_out']}"
    )
    sys.exit(1 if tally["differences"] else 0)


@law.command("packs")
def packs_command() -> None:
    """规则包一览 · packs with their versions and digests, and the profiles; exits 1 where one does not verify."""
    sound = True
    for pack in _packs():
        state = "校验通过 verified" if pack.verified else "校验失败 DOES NOT VERIFY"
        part = "" if pack.complete else ", 初稿 first cut"
        _say(f"{pack.id} {pack.version} {pack.sha256} {state}{part}: {len(pack.rules)} rules, {len(pack.cases)} cases")
        sound = sound and pack.verified
    for profile in list_profiles():
        found = load_law(profile)
        lacking = (*found.missing, *found.unfinished)
        _say(f"{profile}: " + (f"部分 partial, lacks {', '.join(lacking)}" if lacking else "完整 complete"))
        sound = sound and not found.broken
    sys.exit(0 if sound else 1)


@law.command("manifest")
@click.argument("pack")
def manifest_command(pack: str) -> None:
    """重写清单 · rewrite MANIFEST.sha256 of a pack after an edit."""
    try:
        _say(f"{pack} {rewrite_manifest(pack)}")
    except PackError as wrong:
        _fail(str(wrong))


@law.command("test")
def test_command() -> None:
    """规则包自测 · run the table cases of every pack; exits 1 where a hit misses or a near miss hits."""
    laws, failed, run = Laws(), 0, 0
    for pack in _packs():
        for case in pack.cases:
            run += 1
            wrong = _case_fails(pack, case, laws)
            if wrong:
                failed += 1
                _say(f"{pack.id} {case.file}:{case.line} {case.rule}: {wrong}")
    _say(f"已运行 run {run}, 不符 differences {failed}")
    sys.exit(1 if failed else 0)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The decision of a case, or the error that it has instead."""

    decision: Decision | None
    error: CaseError | None


def _case_fails(pack: Pack, case: PackCase, laws: Laws) -> str | None:
    profile = case.document.get("profile")
    if profile not in list_profiles():
        return f"no profile `{_echoed(profile)}`"
    return pack_case_fails(pack, case, laws.of(str(profile)))


def _packs() -> list[Pack]:
    try:
        return list_packs()
    except PackError as wrong:
        _fail(str(wrong))
    return []


def _decide(case: Case, laws: Laws) -> Decision:
    return decide(case, laws.of(case.profile))


def _answer(document: dict[str, Any], laws: Laws) -> _Answer:
    try:
        return _Answer(_decide(parse_case(document), laws), None)
    except CaseError as wrong:
        return _Answer(None, wrong)


def _line(document: dict[str, Any], laws: Laws) -> dict[str, object]:
    answer = _answer(document, laws)
    if answer.decision is not None:
        return answer.decision.to_document()
    assert answer.error is not None, "a case has a decision or an error"
    return {
        "id": _echoed(document.get("id")),
        "error": {"code": answer.error.code, "message": answer.error.message},
    }


def _echoed(written: object) -> str | None:
    """The id of a case that was refused, where it is text that can be written."""
    return written.encode("utf-8", "replace").decode() if isinstance(written, str) else None


def _difference(document: dict[str, Any], laws: Laws) -> str | None:
    """How the answer differs from what is expected; None where it does not."""
    expected = document.get("expect")
    if not isinstance(expected, dict) or "verdict" not in expected:
        return "`expect.verdict` is missing"
    answer = _answer(document, laws)
    if answer.decision is None:
        return f"expected {expected['verdict']}, got error {answer.error}"
    decision = answer.decision
    wrong = []
    if decision.verdict.value != expected["verdict"]:
        wrong.append(f"verdict: expected {expected['verdict']}, got {decision.verdict.value}")
    if "next_permitted_at" in expected and not _same_instant(decision, expected["next_permitted_at"]):
        got = decision.to_document()["next_permitted_at"]
        wrong.append(f"next_permitted_at: expected {expected['next_permitted_at']}, got {got}")
    spoke = ", ".join(reason.rule for reason in decision.reasons) or "no rule"
    return f"{'; '.join(wrong)} ({spoke}; expected rows {', '.join(expected.get('rules', []))})" if wrong else None


def _same_instant(decision: Decision, written: object) -> bool:
    if written is None or decision.next_permitted_at is None:
        return written is None and decision.next_permitted_at is None
    try:
        return decision.next_permitted_at == parse_instant(str(written))
    except ValueError:
        return False


def _expected_rows(document: dict[str, Any]) -> list[str]:
    expected = document.get("expect")
    rows = expected.get("rules", []) if isinstance(expected, dict) else []
    return [str(row) for row in rows]


def _law_of(document: dict[str, Any], laws: Laws) -> Law | None:
    profile = document.get("profile")
    return laws.of(profile) if isinstance(profile, str) and profile in list_profiles() else None


def _rows_not_here(document: dict[str, Any], laws: Laws) -> list[str]:
    """Expected rows that no pack of the profile holds, readings aside."""
    found = _law_of(document, laws)
    held = set() if found is None else {row for pack in found.packs for row in _rows_of(pack)}
    return [row for row in _expected_rows(document) if row not in held and not row.startswith("A-")]


def _rows_of(pack: Pack) -> set[str]:
    return {article.row for article in pack.articles} | {row for rule in pack.rules for row in rule.rows}


def _rows_are_high(document: dict[str, Any], laws: Laws) -> bool:
    """Whether every expected row is a row marked high of a pack that is here; readings are not."""
    found = _law_of(document, laws)
    high = (
        set()
        if found is None
        else {article.row for pack in found.packs for article in pack.articles if article.confidence == "high"}
    )
    rows = _expected_rows(document)
    return bool(rows) and all(row in high for row in rows)


def _read(source: str) -> Iterator[dict[str, Any]]:
    """The cases of a document. Exits 2 with one line where it cannot be read."""
    try:
        yield from read_cases(source)
    except BadDocument as wrong:
        _fail(str(wrong))


def _say(text: str) -> None:
    """A line of UTF-8, whatever the terminal speaks."""
    click.echo(text.encode("utf-8", "backslashreplace"))


def _fail(message: str) -> None:
    text = Text("文档无法读取", "the document cannot be read")
    click.echo(f"{CaseCode.BAD_JSON.value}: {text.zh} {text.en}: {message}", err=True)
    sys.exit(2)
