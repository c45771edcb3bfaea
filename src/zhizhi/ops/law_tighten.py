"""`zhizhi law tighten`: whether a pack permits nothing that the law forbids, with a witness where it does."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import click

from zhizhi.core.conduct.reasoning.tighten import Tightening, tightening
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
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
    profiles_with,
    span_line,
    usable,
    verdicts_line,
)
from zhizhi.store.packs import load_law


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
        found = all_tightenings(pack, names or _unknown(base), day_of(on, datetime.now(UTC).date()))
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    sys.exit(0 if shown(found) else 1)


def all_tightenings(pack: Pack, names: Sequence[str], day: date) -> list[Tightening]:
    """The proof of a pack against each of these profiles. Refuses: PackError, a law that does not verify."""
    return [tightening(usable(load_law(name)), pack, day) for name in names]


def _unknown(base: str) -> list[str]:
    raise PackError(
        base,
        1,
        Text("没有这个名字的方案或规则包", "no profile or pack of that name"),
        Text("见 `zhizhi law packs`", "see `zhizhi law packs`"),
    )


def shown(found: list[Tightening]) -> bool:
    """Print what was found; answers whether all are proven."""
    for one in found:
        for line in tightening_lines(one):
            _say(line)
    _say(f"{ABSTRACTION.zh} {ABSTRACTION.en}")
    return all(one.is_proven for one in found)


def tightening_lines(one: Tightening) -> Iterator[str]:
    """A proof, or what it loosens with a witness, line by line."""
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
