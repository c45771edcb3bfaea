"""`zhizhi assign`: assign, deal anew, undo without a screen; words and rights are the screen's."""

from collections import Counter
from datetime import UTC, datetime

import click

from zhizhi.core.assignment.facts import Unplaced, Why
from zhizhi.core.assignment.fairness import spreads
from zhizhi.core.assignment.undo import Stuck
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.reads import access_assignment, lender_id_of
from zhizhi.store.lenders.reads import Desk, desk_of_login
from zhizhi.store.transact.assigning import Preview
from zhizhi.store.viewer import reading
from zhizhi.usecases.assignment.running import Assign, Undo, assign_now, preview, preview_undoing, undo
from zhizhi.usecases.zones import civil_day

NO_SUCH_LOGIN = Text("没有这个登录名，或已停用", "nobody who works here has this login")
NO_SUCH_LENDER = Text("没有这个金融机构代码", "there is no lender with this code")
ONE_OF_BOTH = Text("--undo 不能与 --reshuffle、--on 同用", "--undo goes with neither --reshuffle nor --on")
ONLY_SHOWN = Text("仅预览，未写入", "a preview: nothing was written")


@click.command(help="案件分配：分配、月末重新分配、撤销 · Assign cases, deal them anew, undo an assignment.")
@click.option("--lender", "code", required=True, metavar="CODE", help="哪家机构 · whose cases")
@click.option("--by", required=True, metavar="LOGIN", help="由谁操作：登录名 · who does it, by login")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="按这一天分配；真实客户仅限今天 · for this day; of real people today only",
)
@click.option("--reshuffle", is_flag=True, help="月末重新分配 · deal anew what has stayed long enough")
@click.option("--dry-run", is_flag=True, help="只预览 · only show what would be done")
@click.option("--undo", "undone", type=int, metavar="ID", help="撤销这次分配 · undo this assignment")
def assign(code: str, by: str, on: datetime | None, reshuffle: bool, dry_run: bool, undone: int | None) -> None:
    at = datetime.now(UTC)
    desk, lender_id = _desk(by), lender_id_of(code)
    if lender_id is None:
        raise _refused(NO_SUCH_LENDER)
    if undone is not None and (reshuffle or on is not None):
        raise _refused(ONE_OF_BOTH)
    try:
        if undone is not None:
            _undo(Undo(lender_id, undone, desk.staff_id), at, dry_run=dry_run)
        else:
            day = on.date() if on is not None else civil_day(at)
            _assign(Assign(lender_id, day, desk.staff_id, reshuffle), desk, at, dry_run=dry_run)
    except Refused as refused:
        raise _refused(refused.text) from refused


def _assign(command: Assign, desk: Desk, at: datetime, *, dry_run: bool) -> None:
    if dry_run:
        _show(preview(command))
        click.echo(_say(ONLY_SHOWN))
        return
    number = assign_now(command, at)
    with reading(desk.viewer):
        told = access_assignment(number)
    assert told is not None, "just written, by somebody who sees assignments"
    click.echo(f"分配 · assignment {number}: {told.cases:,} 案 cases, {told.moved:,} 变动 moved")
    _show_reasons(told.by_reason, told.without)


def _undo(command: Undo, at: datetime, *, dry_run: bool) -> None:
    if dry_run:
        shown = preview_undoing(command, at)
        _show(shown)
        _show_stuck(shown.stuck)
        click.echo(_say(ONLY_SHOWN))
        return
    number, stuck = undo(command, at)
    click.echo(f"已撤销，编号 · undone as assignment {number}")
    _show_stuck(stuck)


def _show(shown: Preview) -> None:
    _show_reasons(
        Counter(move.why.value for move in shown.assignment.moves if move.to_id is not None),
        Counter(move.unplaced.value for move in shown.assignment.moves if move.unplaced is not None),
    )
    for one in spreads(shown.assignment.desks):
        house = "自营 · own staff" if one.agency_id is None else f"外包机构 · agency {one.agency_id}"
        click.echo(
            f"{house}: {one.desks} 席 desks, 件数 cases {one.fewest:,}–{one.most:,},"
            f" 余额 balance {one.least_minor:,}–{one.largest_minor:,}"
        )


def _show_reasons(moved: dict[str, int] | Counter[str], without: dict[str, int] | Counter[str]) -> None:
    for why, count in sorted(moved.items()):
        click.echo(f"  {_say(Why(why).label)}: {count:,}")
    for why, count in sorted(without.items()):
        click.echo(f"  无催收员 · without a collector, {_say(Unplaced(why).label)}: {count:,}")


def _show_stuck(stuck: tuple[tuple[int, Stuck], ...]) -> None:
    for why, count in sorted(Counter(why for _, why in stuck).items()):
        click.echo(f"  未恢复 · did not go back, {_say(why.label)}: {count:,}")


def _desk(login: str) -> Desk:
    desk = desk_of_login(login)
    if desk is None:
        raise _refused(NO_SUCH_LOGIN)
    return desk


def _refused(text: Text) -> click.ClickException:
    return click.ClickException(_say(text))


def _say(text: Text) -> str:
    return f"{text.zh} · {text.en}"
