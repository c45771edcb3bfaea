"""`zhizhi law tighten` and `zhizhi law house`: a lender's own pack joins only where it is proven to tighten."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from zhizhi.core.conduct.reasoning.tighten import Tightening, tightening
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.ops.case_documents import to_line
from zhizhi.ops.law_words import (
    ABSTRACTION,
    contact_line,
    day_of,
    expecting,
    one_pack_named,
    pack_named,
    profiles_named,
    profiles_of_zone,
    profiles_with,
    span_line,
    unusable,
    verdicts_line,
)
from zhizhi.store.packs import load_law, proof_of, read_pack, write_proof


@click.command("tighten")
@click.argument("house")
@click.argument("base")
@click.option("--on", "on", metavar="DAY", help="实例落在哪一天 · the day that witnesses are set on (today)")
def tighten_command(house: str, base: str, on: str | None) -> None:
    """内部规则只收紧 · prove that HOUSE permits nothing that BASE forbids: a profile, a pack, or `cn` for all of them.

    Exits 1 where it does, or where it is not proven; a witness is printed where one could be built.
    """
    try:
        pack = one_pack_named(house)
        other = pack_named(base)
        names = profiles_with(other) if other is not None else profiles_named(base)
        found = _all(pack, names or _unknown(base), day_of(on, datetime.now(UTC).date()))
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    sys.exit(0 if _shown(found) else 1)


@click.group("house")
def house_group() -> None:
    """机构内部规则包 · a lender's own pack, which can only tighten."""


@house_group.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.option("--profile", "profiles", multiple=True, help="只证明这些业务场景 · only for these profiles")
@click.option("--write", is_flag=True, help="证明成立时写入 PROOF · write PROOF beside the pack where it is proven")
def house_check_command(folder: str, profiles: tuple[str, ...], write: bool) -> None:
    """检查内部规则包 · prove that the pack of FOLDER only tightens; without the proof it does not join a profile."""
    try:
        pack = read_pack(Path(folder))
        found = _all(pack, profiles or profiles_of_zone(pack), datetime.now(UTC).date())
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    proven = _shown(found)
    if proven and not pack.verified:
        raise click.ClickException("MANIFEST.sha256 与文件不符 the manifest does not agree; help: write it anew first")
    if write and proven:
        write_proof(Path(folder), [proof_of(one.law, one.pack) for one in found])
        _say(f"已写入 written: PROOF ({len(found)})")
    sys.exit(0 if proven else 1)


def _all(pack: Pack, names: Sequence[str], day: date) -> list[Tightening]:
    return [tightening(_usable(load_law(name)), pack, day) for name in names]


def _usable(law: Law) -> Law:
    wrong = unusable(law)
    if wrong is not None:
        raise PackError(
            law.profile,
            1,
            wrong,
            Text("先改好规则包：`zhizhi law packs`", "put the pack right first: `zhizhi law packs`"),
        )
    return law


def _unknown(base: str) -> list[str]:
    raise PackError(
        base,
        1,
        Text("没有这个名字的方案或规则包", "no profile or pack of that name"),
        Text("见 `zhizhi law packs`", "see `zhizhi law packs`"),
    )


def _shown(found: list[Tightening]) -> bool:
    for one in found:
        for line in _lines(one):
            _say(line)
    _say(f"{ABSTRACTION.zh} {ABSTRACTION.en}")
    return all(one.is_proven for one in found)


def _lines(one: Tightening) -> Iterator[str]:
    state = "已证明只收紧 proven: only tightens" if one.is_proven else "未证明 NOT PROVEN"
    yield f"{one.law.profile} + {one.pack.id} {one.pack.version}: {state} ({one.proofs} unsat)"
    for error in one.errors:
        yield f"  错误 error {error.file}:{error.line} {error.rule}: {error.text.zh} {error.text.en}"
    for loose in one.loosened:
        where = f"{loose.reading} {span_line(loose.stretch)} {loose.channel}"
        if loose.case is None:
            why = "同样成立, 未另写案例 the same, no case written" if loose.decided else "求解器未能判定 not decided"
            yield f"  放宽 loosens {loose.question} {where}: {why}"
        else:
            yield f"  放宽 loosens {loose.question} {where}: {verdicts_line(loose.case)}"
            yield f"    {contact_line(loose.case)}"
            yield f"    {to_line(expecting(loose.case, True, loose.reading, 'witness')).decode()}"
    for idle in one.idle:
        yield f"  提示 note: {idle.rule} 比 {idle.base} 宽, 不起作用 milder than that rule, so it adds nothing there"


def _say(text: str) -> None:
    click.echo(text.encode("utf-8", "backslashreplace"))
