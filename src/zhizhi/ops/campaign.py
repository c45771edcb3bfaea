"""`zhizhi campaign`: see campaigns, hold them up and end them without a screen; words and rights are the screen's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.campaigns.reads import (
    CampaignRow,
    count_by_state,
    load_campaign,
    load_campaigns,
    load_reasons,
    load_sent,
    load_steps,
)
from zhizhi.store.lenders.reads import Desk, desk_of_login
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.campaigns.making import RATE_MAX
from zhizhi.usecases.campaigns.running import (
    StepCampaign,
    Throttle,
    put_away,
    step_campaign,
    throttle,
)
from zhizhi.usecases.campaigns.words import figures, pulled_back, pulling_back, word

_BY = click.option("--by", required=True, metavar="LOGIN", help="由谁操作：登录名 · who does it, by login")
_ID = click.argument("campaign_id", type=int)
NO_SUCH = Text("没有这个群发，或您看不到它", "there is no such campaign, or it is not yours to see")
NO_SUCH_LOGIN = Text("没有这个登录名，或已停用", "nobody who works here has this login")
NO_RIGHT = Text("该角色无权这样做", "this role has no say in it")
ONE_OF_BOTH = Text("请用 --per-second 或 --unlimited 之一", "say either how many a second, or that there is no limit")


@click.group()
def campaign() -> None:
    """群发：查看、暂停、继续、限速、取消 · Campaigns: see them, pause, resume, throttle, cancel."""


@campaign.command("list")
@_BY
def list_command(by: str) -> None:
    """列出群发，最新在前 · The newest campaigns that LOGIN sees."""
    desk = _desk(by, Right.SEE_CAMPAIGNS)
    with reading(desk.viewer):
        for row in load_campaigns():
            click.echo(f"{row.id}\t{_say(word('campaign_state', row.state))}\t{row.total}\t{row.lender}\t{row.name}")


@campaign.command()
@_ID
@_BY
def show(campaign_id: int, by: str) -> None:
    """显示进度，以及因何未发（规则与条款） · Progress, and what the law held back, by rule with its article."""
    _show(_desk(by, Right.SEE_CAMPAIGNS), campaign_id)


@campaign.command()
@_ID
@_BY
def pause(campaign_id: int, by: str) -> None:
    """立即暂停：不再领取任何一条 · Pause now: nothing more is claimed."""
    _step(campaign_id, "paused", _desk(by, Right.HALT_CAMPAIGN))


@campaign.command()
@_ID
@_BY
def resume(campaign_id: int, by: str) -> None:
    """继续 · Go on with one that was paused."""
    _step(campaign_id, "resumed", _desk(by, Right.RUN_CAMPAIGN))


@campaign.command()
@_ID
@_BY
def cancel(campaign_id: int, by: str) -> None:
    """取消（不能恢复）：未发出的撤回，已领取的不打断 · Cancel for good: what has not left is pulled back."""
    desk = _desk(by, Right.HALT_CAMPAIGN)
    _step(campaign_id, "cancelled", desk)

    def tell() -> None:
        with reading(desk.viewer):
            click.echo(_said(pulling_back(load_sent(campaign_id))))

    with _saying_why():
        is_done = put_away(campaign_id, _now(), tell)
    with reading(desk.viewer):
        sent = load_sent(campaign_id)
    click.echo(_said(pulled_back(sent) if is_done else [*pulled_back(sent), *pulling_back(sent)]))


@campaign.command("throttle")
@_ID
@_BY
@click.option("--per-second", type=click.IntRange(1, RATE_MAX), help="每秒至多几条 · so many a second")
@click.option("--unlimited", is_flag=True, help="不限 · no limit")
@click.option(
    "--provider", is_flag=True, help="渠道总限速，所有群发合计 · that of its provider, for all campaigns together"
)
def throttle_command(campaign_id: int, by: str, per_second: int | None, unlimited: bool, provider: bool) -> None:
    """限速 · Throttle a campaign, or its provider, from now on."""
    desk = _desk(by, Right.RUN_CAMPAIGN)
    if unlimited == (per_second is not None):
        raise _refused(ONE_OF_BOTH)
    row = _row(desk, campaign_id)
    with _saying_why():
        throttle(Throttle(None if provider else row.id, row.channel, per_second, desk.staff_id), _now())
    click.echo(_say(word("campaign_step", "throttled")))


def _desk(login: str, right: Right) -> Desk:
    """Who runs the command: it sees what they see on the console, and may what they may."""
    desk = desk_of_login(login)
    if desk is None:
        raise _refused(NO_SUCH_LOGIN)
    if not desk.may(right):
        raise _refused(NO_RIGHT)
    return desk


def _row(desk: Desk, campaign_id: int) -> CampaignRow:
    with reading(desk.viewer):
        row = load_campaign(campaign_id)
    if row is None:
        raise _refused(NO_SUCH)
    return row


def _step(campaign_id: int, what: str, desk: Desk) -> None:
    row = _row(desk, campaign_id)
    with _saying_why():
        step_campaign(StepCampaign(row.id, what, desk.staff_id), _now())
    click.echo(_say(word("campaign_state", _row(desk, campaign_id).state)))


def _show(desk: Desk, campaign_id: int) -> None:
    row = _row(desk, campaign_id)
    with reading(desk.viewer):
        reasons, sent, steps = load_reasons(row.id), load_sent(row.id), load_steps(row.id)
    click.echo(f"{row.id} {row.name} · {row.lender}: {_say(word('campaign_state', row.state))}")
    for name, count in figures(count_by_state(reasons), sent):
        click.echo(f"  {_say(name)}: {count:,}")
    if row.ended_at:
        click.echo("  " + _said([*pulled_back(sent), *(pulling_back(sent) if row.is_moving else [])]))
    click.echo("因何未发 · what the law held back")
    for reason in reasons:
        if reason.reason:
            why = f"{reason.reason} {reason.cites}" if reason.pack else _say(word("target_reason", reason.reason))
            until = f" {reason.earliest.isoformat(timespec='minutes')}" if reason.earliest else ""
            click.echo(f"  {reason.count:,}\t{_say(word('target_state', reason.state))}{until}\t{why}")
    click.echo("经过 · what was done")
    for step in steps:
        why = "" if not step.why else f" · {_say(word('campaign_why', step.why))}"
        by = step.by or "系统 · system"
        click.echo(f"  {step.at.isoformat(timespec='seconds')}\t{_say(word('campaign_step', step.what))}{why}\t{by}")


@contextmanager
def _saying_why() -> Iterator[None]:
    """A refusal is told in both languages, with exit code 1."""
    try:
        yield
    except Refused as refused:
        raise _refused(refused.text) from refused


def _refused(text: Text) -> click.ClickException:
    return click.ClickException(_say(text))


def _said(texts: list[Text]) -> str:
    return "\n".join(_say(text) for text in texts)


def _say(text: Text) -> str:
    return f"{text.zh} · {text.en}"


def _now() -> datetime:
    return datetime.now(UTC)
