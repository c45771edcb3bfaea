"""`zhizhi law lint`: rules that never speak, that others cover, that exclude each other, and gaps in time."""

import sys
from datetime import UTC, datetime

import click

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.house import joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.reasoning.lint import ERROR, NOTE, Finding, lint
from zhizhi.ops.case_documents import to_line
from zhizhi.ops.law_words import day_of, pack_named, profiles_named, profiles_of_zone, profiles_with, usable
from zhizhi.store.packs import Accepted, accepted_findings, list_profiles, load_law


@click.command("lint")
@click.argument("names", nargs=-1)
@click.option("--on", "on", metavar="DAY", help="按哪一天的规则 · the day whose rules are looked at (today)")
@click.option("--notes", is_flag=True, help="也列出提示 · list notes too: instruments that repeat each other")
@click.option("--json", "as_json", is_flag=True, help="每行一个 JSON · one JSON line a finding")
def lint_command(names: tuple[str, ...], on: str | None, notes: bool, as_json: bool) -> None:
    """检查规则之间的关系 · unreachable, covered and contradictory rules; NAMES are profiles, packs or pack folders.

    Exits 1 on an error that is not in the list of accepted findings.
    """
    try:
        laws = [law for name in names or list_profiles() for law in _laws(name)]
        accepted = accepted_findings()
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    day = day_of(on, datetime.now(UTC).date())
    seen: dict[Finding, list[str]] = {}
    for law in laws:
        for finding in lint(law, day):
            seen.setdefault(finding, []).append(law.profile)
    _report(seen, {one.key: one for one in accepted}, notes, as_json, whole=not names)


def _laws(name: str) -> list[Law]:
    pack = pack_named(name)
    if pack is not None:
        laws = [joined(load_law(profile), pack) for profile in profiles_with(pack) or profiles_of_zone(pack)]
    else:
        laws = [load_law(profile) for profile in profiles_named(name)]
    if not laws:
        raise PackError(
            name,
            1,
            Text("没有这个名字的方案、规则包或文件夹", "no profile, pack or folder of that name"),
            Text("见 `zhizhi law packs`", "see `zhizhi law packs`"),
        )
    return [usable(law) for law in laws if law.packs or law.broken]


def _report(
    seen: dict[Finding, list[str]],
    accepted: dict[tuple[str, str, str], Accepted],
    notes: bool,
    as_json: bool,
    whole: bool,
) -> None:
    counts = {"error": 0, "warning": 0, "note": 0, "accepted": 0}
    for finding, profiles in seen.items():
        ground = accepted.get(finding.key)
        counts["accepted" if ground is not None else finding.level] += 1
        if finding.level != NOTE or notes:
            click.echo(_json(finding, profiles, ground) if as_json else _line(finding, profiles, ground))
    used = {finding.key for finding in seen}
    stale = [key for key in accepted if key not in used] if whole else []
    for key in stale:
        click.echo(f"已接受的发现不再出现 accepted, but no longer found: {' '.join(key)}".encode())
    if not as_json:
        click.echo(
            f"错误 errors {counts['error']}, 警告 warnings {counts['warning']}, 提示 notes {counts['note']},"
            f" 已接受 accepted {counts['accepted']}".encode()
        )
    sys.exit(1 if counts[ERROR] or stale else 0)


def _line(finding: Finding, profiles: list[str], ground: Accepted | None) -> bytes:
    where = f"{finding.pack} {finding.file}:{finding.line} {finding.rule}" if finding.rule else ", ".join(profiles)
    because = f" [已接受 accepted: {ground.zh} {ground.en}]" if ground is not None else ""
    return f"{finding.level} {finding.code} {where}: {finding.text.zh} {finding.text.en}{because}".encode()


def _json(finding: Finding, profiles: list[str], ground: Accepted | None) -> bytes:
    return to_line({
        "level": finding.level, "code": finding.code, "pack": finding.pack, "file": finding.file, "line": finding.line,
        "rule": finding.rule, "about": finding.about, "text": finding.text.to_document(), "profiles": list(profiles),
        "accepted": None if ground is None else {"zh": ground.zh, "en": ground.en},
    })  # fmt: skip
