"""`zhizhi migrate`: bring the database to the newest schema."""

from datetime import UTC, datetime

import click

from zhizhi.store.law.caps import activate_caps
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.migrate import DatabaseRefused
from zhizhi.store.migrate import migrate as migrate_store
from zhizhi.usecases.activate_house import prove_again

_HELD = (
    "内部规则包未能证明只收紧，该机构一律待定；请修改后重新启用，或撤回"
    " · NOT PROVEN, nothing is sent for this lender; help: `zhizhi law house activate` or `withdraw`"
)


@click.command()
def migrate() -> None:
    """把数据库升级到当前版本 · Bring the database to the newest schema (run as its owner)."""
    try:
        migrate_store()
    except DatabaseRefused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    at = datetime.now(UTC)
    keep_releases(at)
    for house, is_proven in prove_again(at, at.date()):
        word = "内部规则包已重新证明 proven anew" if is_proven else _HELD
        click.echo(f"{house.lender}: {house.pack} {house.version}: {word}".encode())
    activate_caps(at)
    click.echo("数据库已是最新 · database is up to date")
