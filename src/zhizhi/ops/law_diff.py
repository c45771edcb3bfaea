"""`zhizhi law diff`: what a new version of the law permits and forbids that the old one did not, with witnesses."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from zhizhi.core.conduct.reasoning.diff import Change, Compared, Difference, Finding, Known, Standing, difference
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.pack import Pack
from zhizhi.core.law.reasoning.verdicts import Side
from zhizhi.core.law.rules import READINGS
from zhizhi.ops.case_documents import to_line
from zhizhi.ops.law_words import (
    ABSTRACTION,
    contact_line,
    day_of,
    expecting,
    pack_named,
    profiles_named,
    profiles_with,
    span_line,
    usable,
    verdicts_line,
)
from zhizhi.store.packs import load_law, load_law_with

CHANGES = {
    Change.PERMITTED: Text("新许可", "new permission"),
    Change.FORBIDDEN: Text("新禁止", "new prohibition"),
    Change.SOFTENED: Text("减轻", "softened"),
    Change.HARDENED: Text("加重", "hardened"),
    Change.MOVED: Text("只改下次可联系时刻", "next instant only"),
}
STANDINGS = {
    Standing.PROVEN: Text("已证明没有", "proven: none"),
    Standing.NOT_BUILT: Text("未能构造实例, 不等于没有差别", "no witness built; that is not `no difference`"),
    Standing.NOT_DECIDED: Text(
        "求解器未能判定, 不等于没有差别", "not decided by the solver; that is not `no difference`"
    ),
}
EXIT_PERMITS = 1


@dataclass(frozen=True, slots=True)
class _Asked:
    """Two laws of one profile to compare."""

    old: Side
    new: Side


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--profile", "profiles", multiple=True, help="只比较这些业务场景 · only these profiles")
@click.option("--reading", type=click.Choice(READINGS), help="两边同一读法 · one reading on both sides")
@click.option("--reading-old", type=click.Choice(READINGS), help="旧的读法 · reading of OLD (strict)")
@click.option("--reading-new", type=click.Choice(READINGS), help="新的读法 · reading of NEW (strict)")
@click.option("--on", "on", metavar="DAY", help="实例落在哪一天 · the day that witnesses are set on (today)")
@click.option("--json", "as_json", is_flag=True, help="每行一个 JSON · one JSON line a finding")
@click.option(
    "--witnesses", type=click.Path(file_okay=False), help="把实例写入该文件夹 · write old.json and new.json there"
)
def diff_command(
    old: str, new: str, profiles: tuple[str, ...], reading: str | None, reading_old: str | None,
    reading_new: str | None, on: str | None, as_json: bool, witnesses: str | None,
) -> None:  # fmt: skip
    """比较两版规则 · compare two versions: OLD and NEW are pack folders, packs of this release, or profiles.

    Exits 1 where the new version permits what the old one did not, or where that could not be excluded.
    """
    readings = (reading_old or reading or "strict", reading_new or reading or "strict")
    try:
        asked = list(_asked(old, new, profiles, readings))
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    day = day_of(on, datetime.now(UTC).date())
    found = list(_compare(asked, day, as_json))
    if witnesses is not None:
        _write(Path(witnesses), found)
    sys.exit(EXIT_PERMITS if any(_permits(one) for one in found) else 0)


def _asked(old: str, new: str, profiles: Sequence[str], readings: tuple[str, str]) -> Iterator[_Asked]:
    before, after = pack_named(old), pack_named(new)
    if before is not None and after is not None:
        if before.id != after.id:
            raise PackError(
                "pack.toml",
                1,
                Text(f"`{before.id}` 与 `{after.id}` 是两个包", f"`{before.id}` and `{after.id}` are two packs"),
                Text("比较同一个包的版本", "compare versions of one"),
            )
        for name in profiles or profiles_with(before) or _nowhere(before):
            yield _Asked(
                Side(usable(load_law_with(name, before)), readings[0]), Side(load_law_with(name, after), readings[1])
            )
        return
    names, others = profiles_named(old), profiles_named(new)
    if before is not None or after is not None or names != others or not names:
        raise PackError(
            old,
            1,
            Text("既不是一个包的两个版本，也不是一个方案", "neither two versions of a pack nor one profile"),
            Text("写文件夹、包的编号或方案", "name folders, pack ids, or a profile"),
        )
    for name in names:
        if not profiles or name in profiles:
            law = usable(load_law(name))
            yield _Asked(Side(law, readings[0]), Side(law, readings[1]))


def _nowhere(pack: Pack) -> list[str]:
    raise PackError(
        "pack.toml",
        1,
        Text(f"没有方案包含 `{pack.id}`", f"no profile holds `{pack.id}`"),
        Text("用 `--profile` 指明一个", "name one with `--profile`"),
    )


def _compare(asked: list[_Asked], day: date, as_json: bool) -> Iterator[Difference]:
    known = Known()
    for one in asked:
        found = difference(one.old, one.new, day, known)
        for line in _json_lines(found) if as_json else _table(found):
            click.echo(line.encode("utf-8", "backslashreplace") if isinstance(line, str) else line)
        yield found


def _permits(found: Difference) -> bool:
    return any(not one.no_permission for one in found.compared)


def _json_lines(found: Difference) -> Iterator[bytes]:
    for one in found.compared:
        for finding in one.findings:
            case = finding.case
            yield to_line({
                "profile": found.old.law.profile, "rule": finding.rule, "change": finding.change.value,
                "standing": finding.standing.value, "from": one.stretch.first.isoformat(),
                "until": one.stretch.until.isoformat() if one.stretch.until else None,
                "old": case.old.to_document() if case else None, "new": case.new.to_document() if case else None,
                "case": case.document if case else None,
            })  # fmt: skip
        yield to_line({
            "profile": found.old.law.profile, "from": one.stretch.first.isoformat(),
            "no_new_permission_proven": one.no_permission, "no_new_prohibition_proven": one.no_prohibition,
            "refined": one.refined,
        })  # fmt: skip


def _table(found: Difference) -> Iterator[str]:
    old, new = found.old, found.new
    yield f"{old.law.profile}: {_version(old, new)} → {_version(new, old)}"
    for one in found.compared:
        yield f"  {span_line(one.stretch)}"
        yield from (f"    {line}" for line in _of_stretch(one))
    if not found.compared:
        yield "  两边的联系规则完全相同 both say the same of every contact"
    yield f"  {ABSTRACTION.zh} {ABSTRACTION.en}"


def _version(side: Side, other: Side) -> str:
    """The reading, and the packs that are not the same on the other side."""
    same = {pack.sha256 for pack in other.law.packs}
    packs = [f"{pack.id} {pack.version} {pack.sha256[:12]}" for pack in side.law.packs if pack.sha256 not in same]
    return " ".join([side.reading, *packs])


def _of_stretch(one: Compared) -> Iterator[str]:
    for change, words in CHANGES.items():
        shown = [finding for finding in one.findings if finding.change is change]
        for finding in shown:
            if finding.case is not None:
                yield f"{words.zh} {words.en}: {finding.rule}: {verdicts_line(finding.case)}"
                yield f"    {contact_line(finding.case)}"
        for standing, says in STANDINGS.items():
            rules = [finding.rule for finding in shown if finding.standing is standing]
            if rules and not (change is Change.MOVED and standing is Standing.NOT_BUILT):
                yield f"{words.zh} {words.en}, {says.zh} {says.en}: {', '.join(rules)}"
    for proven, words in (
        (one.no_permission, Text("没有任何新许可", "no new permission at all")),
        (one.no_prohibition, Text("没有任何新禁止", "no new prohibition at all")),
    ):
        if proven:
            yield f"已证明 proven: {words.zh} {words.en}"
    if one.refined:
        yield f"未获判定器确认而弃用的答案 answers of the solver that the reference did not confirm: {one.refined}"


def _write(folder: Path, found: list[Difference]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for is_new, name in ((False, "old.json"), (True, "new.json")):
        cases = [
            expecting(finding.case, is_new, (one.new if is_new else one.old).reading, _name(one, finding))
            for one in found
            for finding in one.findings
            if finding.case is not None
        ]
        lines = b",\n".join(to_line(case) for case in cases)
        (folder / name).write_bytes(b"[" + lines + b"]\n")


def _name(one: Difference, finding: Finding) -> str:
    label = finding.rule.rpartition("/")[2]
    return f"{label}-{finding.change.value}"[:64]
