"""`zhizhi law house`: check a lender's own pack, put it in force, show what stands, withdraw it."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.law.errors import PackError
from zhizhi.ops.law_tighten import all_tightenings, shown, tightening_lines
from zhizhi.ops.law_words import profiles_of_zone
from zhizhi.store.packs import read_pack

if TYPE_CHECKING:  # the store is imported when a command runs: `zhizhi law house check` needs no database
    from zhizhi.store.law.houses import House
    from zhizhi.usecases.activate_house import Examined

_BY = click.option(
    "--by", required=True, metavar="LOGIN", help="由谁决定：合规或负责人的登录名 · who decides, by login"
)
_BECAUSE = click.option(
    "--because", required=True, metavar="GROUND", help="理由，记入存证 · the ground, kept as evidence"
)
_APPROVAL = click.option(
    "--approval",
    type=int,
    metavar="N",
    help="另一人已批准的申请；不写则先申请 · the request that another person approved; without it, asks for one",
)

_UNKNOWN = "本版本不认识该业务场景 · this release does not know the profile"


@click.group("house")
def house_group() -> None:
    """机构内部规则包 · a lender's own pack, which can only tighten."""


@house_group.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.option("--profile", "profiles", multiple=True, help="只证明这些业务场景 · only for these profiles")
def house_check_command(folder: str, profiles: tuple[str, ...]) -> None:
    """检查内部规则包 · prove that the pack of FOLDER only tightens, and change nothing."""
    try:
        pack = read_pack(Path(folder))
        found = all_tightenings(pack, profiles or profiles_of_zone(pack), datetime.now(UTC).date())
    except PackError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    if not pack.verified:
        raise click.ClickException("MANIFEST.sha256 与文件不符 the manifest does not agree; help: write it anew first")
    sys.exit(0 if shown(found) else 1)


@house_group.command("activate")
@click.argument("lender")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_BY
@_BECAUSE
@_APPROVAL
def house_activate_command(lender: str, folder: Path, by: str, because: str, approval: int | None) -> None:
    """为机构启用内部规则包 · put the pack of FOLDER in force for LENDER, from the next decision on.

    Two persons: without `--approval` a second one is asked, who approves on the screen 审批. Refused, with what is
    wrong and a witness, unless it is well formed, free of errors of `law lint`, decides its own cases and is proven to
    permit nothing that the law of the lender's profile forbids. Exits 1 where it is refused.
    """
    from zhizhi.store.law.activation import Signed
    from zhizhi.usecases.activate_house import ActivateHouse, Unsound, activate, ask_to_activate

    at, command = datetime.now(UTC), ActivateHouse(lender, folder, Signed(by, because))
    try:
        if approval is None:
            asked, examined = ask_to_activate(command, at, at.date())
        else:
            _, examined = activate(command, approval, at, at.date())
    except Unsound as unsound:
        for line in _wrong(unsound.examined):
            _say(line)
        raise _refused(unsound) from unsound
    except Refused as refused:
        raise _refused(refused) from refused
    for line in tightening_lines(examined.proof):
        _say(line)
    if approval is None:
        _say(_asked(asked))
        return
    _say(f"已为 {lender} 启用 in force: {examined.pack.id} {examined.pack.version} {examined.pack.sha256}")


@house_group.command("show")
@click.argument("lender", required=False)
def house_show_command(lender: str | None) -> None:
    """显示启用中的内部规则包 · the house packs that stand, of LENDER or of all.

    Exits 1 where one cannot be relied on, so that nothing is sent for its lender.
    """
    from zhizhi.store.law.houses import law_with, standing_houses

    sound = True
    for house in standing_houses(lender):
        law = law_with(house)
        broken = [_UNKNOWN] if law is None else [f"{broken.why.zh} · {broken.why.en}" for broken in law.broken]
        for line in _standing(house, broken):
            _say(line)
        sound = sound and not broken
    sys.exit(0 if sound else 1)


@house_group.command("withdraw")
@click.argument("lender")
@_BY
@_BECAUSE
@_APPROVAL
def house_withdraw_command(lender: str, by: str, because: str, approval: int | None) -> None:
    """撤回机构的内部规则包 · end the house pack of LENDER; the law alone decides from the next decision on.

    Two persons, as for `activate`.
    """
    from zhizhi.store.law.activation import Signed
    from zhizhi.usecases.activate_house import ask_to_withdraw, withdraw

    at, signed = datetime.now(UTC), Signed(by, because)
    try:
        if approval is None:
            _say(_asked(ask_to_withdraw(lender, signed, at)))
            return
        withdraw(lender, approval, signed, at)
    except Refused as refused:
        raise _refused(refused) from refused
    _say(f"已撤回 withdrawn: {lender}")


def _asked(approval: int) -> str:
    return (
        f"已申请，待另一人在「审批」批准；批准后加 --approval {approval} 再运行"
        f" · asked; once another person approved it, run the same with --approval {approval}"
    )


def _standing(house: "House", broken: list[str]) -> Iterator[str]:
    state = "生效 in force" if not broken else "待定，不发送 HELD, nothing is sent"
    yield f"{house.lender} ({house.profile}): {house.pack} {house.version} {house.sha256}: {state}"
    yield f"  {house.activated_at.isoformat(timespec='seconds')} {house.by}: {house.ground}"
    for why in broken:
        yield f"  原因 why: {why}"


def _wrong(examined: "Examined") -> Iterator[str]:
    for finding in examined.findings:
        where = f"{finding.file}:{finding.line} {finding.rule}"
        yield f"错误 error {finding.code} {where}: {finding.text.zh} {finding.text.en}"
    for failing in examined.failing:
        yield f"案例不符 case {failing}"
    yield from tightening_lines(examined.proof)


def _refused(refused: Refused) -> click.ClickException:
    return click.ClickException(f"{refused.text.zh} · {refused.text.en}")


def _say(text: str) -> None:
    click.echo(text.encode("utf-8", "backslashreplace"))
