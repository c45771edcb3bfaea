"""`zhizhi migrate`: bring the database to the newest schema."""

from datetime import UTC, datetime

import click

from zhizhi.store.law.caps import activate_caps
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.migrate import DatabaseRefused
from zhizhi.store.migrate import migrate as migrate_store


@click.command()
def migrate() -> None:
    """把数据库升级到当前版本 · Bring the database to the newest schema (run as its owner)."""
    try:
        migrate_store()
    except DatabaseRefused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    at = datetime.now(UTC)
    keep_releases(at)
    activate_caps(at)
    click.echo("数据库已是最新 · database is up to date")
