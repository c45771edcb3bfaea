"""`zhizhi staff add|move|leave|list|invite|begin`: who joins, moves and leaves, at a terminal.

A change that takes two persons is only asked for here: whoever types says who he is, so approving takes the page.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
from click.core import ParameterSource

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.lenders.changes import Place
from zhizhi.store.lenders.rights import Right
from zhizhi.store.lenders.staff_reads import STATES, Member, StaffFilter, find_member, find_places, load_staff
from zhizhi.store.viewer import Viewer, reading
from zhizhi.store.words import STAFF_ROLES
from zhizhi.usecases.authority import require
from zhizhi.usecases.staff.asking import AskJoin, AskMove, AskPassword, ask_join, ask_move, ask_password
from zhizhi.usecases.staff.beginning import First
from zhizhi.usecases.staff.beginning import begin as begin_installation
from zhizhi.usecases.staff.inviting import invite as make_invitation
from zhizhi.usecases.staff.leaving import Leave
from zhizhi.usecases.staff.leaving import leave as turn_out
from zhizhi.usecases.staff.refusals import StaffRefused

T = TypeVar("T")
PAGES_MAX = 2_000
WAITS = "已申请，待另一人在「人员」页面审批 · asked for; another person approves it on the page of staff"
BY = click.option("--by", required=True, metavar="LOGIN", help="经办人 · who does it")
GROUND = click.option("--ground", required=True, help="依据，写入存证 · on what ground; it is kept as evidence")
LENDER = click.option("--lender", metavar="CODE", help="金融机构代码；不填：各机构 · lender; none: every lender")
AGENCY = click.option("--agency", metavar="CODE", help="委外机构代码 · agency")
TEAM = click.option("--team", default="", help="班组 · team")


def _did(act: Callable[[], T]) -> T:
    try:
        return act()
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused


def _member(login: str) -> Member:
    found = find_member(login)
    if found is None:
        raise StaffRefused("nobody")
    return found


def _place(role: str, lender: str | None, agency: str | None, team: str) -> Place:
    places = find_places(lender, agency)
    if places is None:
        raise StaffRefused("unknown_place")
    return Place(role, *places, team)


@click.command(help="申请新增人员 · Ask for somebody new.")
@click.argument("login")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(STAFF_ROLES), help="角色 · role")
@LENDER
@AGENCY
@TEAM
@BY
@GROUND
def add(
    login: str, name: str, role: str, lender: str | None, agency: str | None, team: str, by: str, ground: str
) -> None:
    _did(
        lambda: ask_join(
            AskJoin(login, name, _place(role, lender, agency, team), ground, _member(by).id), datetime.now(UTC)
        )
    )
    click.echo(WAITS)


@click.command(help="申请变更角色、机构、班组，或开通、返岗 · Ask for another role, lender, agency or team.")
@click.argument("login")
@click.option("--role", type=click.Choice(STAFF_ROLES), help="角色，不填则不变 · role; as it is where not given")
@LENDER
@AGENCY
@TEAM
@BY
@GROUND
@click.pass_context
def move(
    context: click.Context,
    login: str,
    role: str | None,
    lender: str | None,
    agency: str | None,
    team: str,
    by: str,
    ground: str,
) -> None:
    def asked() -> int:
        member = _member(login)
        now, named = member.place, _place(role or member.place.role, lender, agency, team)
        given = {
            name
            for name in ("lender", "agency", "team")
            if context.get_parameter_source(name) is not ParameterSource.DEFAULT
        }
        place = Place(
            named.role,
            named.lender_id if "lender" in given else now.lender_id,
            named.agency_id if "agency" in given else now.agency_id,
            named.team if "team" in given else now.team,
        )
        return ask_move(AskMove(member.id, place, ground, _member(by).id), datetime.now(UTC))

    _did(asked)
    click.echo(WAITS)


@click.command("new-password", help="申请重设密码 · Ask for a new first password.")
@click.argument("login")
@BY
@GROUND
def new_password(login: str, by: str, ground: str) -> None:
    _did(lambda: ask_password(AskPassword(_member(login).id, ground, _member(by).id), datetime.now(UTC)))
    click.echo(WAITS)


@click.command(help="办理离岗，立即生效 · Somebody leaves, at once.")
@click.argument("login")
@BY
@GROUND
def leave(login: str, by: str, ground: str) -> None:
    _did(lambda: turn_out(Leave(_member(login).id, ground, _member(by).id), datetime.now(UTC)))
    click.echo("已离岗：会话、第二因素、邀请全部失效 · has left: sessions, factors and invitations are over")


@click.command(help="发出一次性邀请，只显示这一次 · A one-time invitation, shown this once.")
@click.argument("login")
@BY
def invite(login: str, by: str) -> None:
    made = _did(lambda: make_invitation(_member(login).id, _member(by).id, datetime.now(UTC)))
    _show(login, made.code, made.ends_at)


@click.command(help="首次安装：建立最初两人（管理员、催收负责人） · The first two of an installation.")
@click.option("--administrator", nargs=2, required=True, metavar="LOGIN NAME", help="管理员，提出申请 · who asks")
@click.option("--head", nargs=2, required=True, metavar="LOGIN NAME", help="催收负责人，审批 · who approves")
def begin(administrator: tuple[str, str], head: tuple[str, str]) -> None:
    first, second = _did(lambda: begin_installation(First(*administrator), First(*head), datetime.now(UTC)))
    for (login, _), made in ((administrator, first), (head, second)):
        _show(login, made.code, made.ends_at)


@click.command("list", help="人员名单，每人一行，制表符分隔 · The members, a line each, tabs between.")
@BY
@click.option("--state", type=click.Choice(STATES), default=None, help="状态 · state")
@click.option("--role", type=click.Choice(STAFF_ROLES), default=None, help="角色 · role")
def list_(by: str, state: str | None, role: str | None) -> None:
    at = datetime.now(UTC)
    acting = _did(lambda: require(_member(by).id, Right.SEE_STAFF))
    viewer = Viewer(acting.staff_id, acting.scope, acting.lender_id, acting.agency_id)
    after: str | None = ""
    for _ in range(PAGES_MAX):
        with reading(viewer):
            rows, after = load_staff(viewer, StaffFilter(role=role or "", state=state or ""), after or "", at)
        for row in rows:
            click.echo(
                "\t".join((row.login, row.name, row.role, row.lender or "*", row.agency or "", row.team, row.state))
            )
        if after is None:
            return


def _show(login: str, code: str, ends_at: datetime) -> None:
    click.echo(f"{login}\n  {code}\n  /invitation  → {ends_at:%Y-%m-%d %H:%M} UTC")


COMMANDS = (add, move, new_password, leave, invite, begin, list_)
