"""`zhizhi token`: which other systems may use the API, for which lender or agency, and for how long."""

from datetime import UTC, datetime, timedelta

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.api.accounts import create_account_token
from zhizhi.store.api.scopes import SCOPES
from zhizhi.store.leases.tokens import load_tokens, revoke_token

DAYS_MAX = 400
SCOPES_HELP = "；".join(f"{scope} {row.says.zh}" for scope, row in SCOPES.items())
SCOPES_HELP_EN = "; ".join(f"{scope}: {row.says.en}" for scope, row in SCOPES.items())


@click.group()
def token() -> None:
    """接口令牌：新建、列出、吊销 · Tokens of the HTTP API: create, list, revoke."""


@token.command()
@click.argument("name")
@click.option("--lender", required=True, help="机构代码 · code of the lender")
@click.option("--agency", help="外包机构代码；只能看到委托给它的案件 · code of the agency: only its placements")
@click.option("--scope", "scopes", multiple=True, type=click.Choice([str(one) for one in SCOPES]), default=("lease",),
              show_default=True, help=f"{SCOPES_HELP} · {SCOPES_HELP_EN}")  # fmt: skip
@click.option(
    "--days", type=click.IntRange(1, DAYS_MAX), default=90, show_default=True, help="有效天数 · days in force"
)
def create(name: str, lender: str, agency: str | None, scopes: tuple[str, ...], days: int) -> None:
    """新建令牌；只显示这一次 · Make a token; it is shown this once."""
    at = datetime.now(UTC)
    try:
        token_id, secret = create_account_token(
            name, lender, agency, scopes, expires_at=at + timedelta(days=days), at=at
        )
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    click.echo(f"{token_id}\t{secret}")


@token.command("list")
def list_tokens() -> None:
    """列出令牌（不含密文） · List tokens, without their secrets."""
    for known in load_tokens():
        until = known.expires_at.isoformat(timespec="minutes")
        state = "已吊销 · revoked" if known.revoked_at is not None else f"至 · until {until}"
        scopes = ",".join(known.scopes)
        click.echo(f"{known.id}\t{known.name}\t{known.lender}\t{known.agency or '—'}\t{scopes}\t{state}")


@token.command()
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """立即吊销 · End a token now."""
    try:
        revoke_token(token_id, datetime.now(UTC))
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    click.echo("已吊销 · revoked")
