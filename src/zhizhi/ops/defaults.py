"""`zhizhi defaults`: give every lender the default codes, wordings and strategies; for the demonstration, the staff
as well."""

import os
import secrets
from datetime import UTC, date, datetime
from pathlib import Path

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.transact.staff import DEMONSTRATION_STAFF, ensure_demonstration_staff, find_staff
from zhizhi.usecases.defaults import AddDefaults, add_defaults
from zhizhi.usecases.zones import civil_day

SIGN_INS = "demonstration-sign-ins.txt"
PASSWORD_BYTES = 9


@click.command()
@click.option(
    "--demonstration", is_flag=True, help="建立演示账号并用其签署 · make the demonstration staff and let them sign"
)
@click.option("--author", metavar="LOGIN", help="起草人 · who drafts")
@click.option("--approver", metavar="LOGIN", help="审批人，须为另一人 · who approves, somebody else")
def defaults(demonstration: bool, author: str | None, approver: str | None) -> None:
    """为每家机构装入默认代码、模板与策略 · Default codes, templates and strategies for every lender."""
    at = datetime.now(UTC)
    if demonstration:
        author, approver = "strategy", "compliance"
        make_sign_ins(Path(os.environ["ZHIZHI_STATE"]), civil_day(at))
    if not author or not approver:
        raise click.UsageError(
            "需要 --author 与 --approver，或 --demonstration · give --author and --approver, or --demonstration"
        )
    persons = [find_staff(login) for login in (author, approver)]
    for login, person in zip((author, approver), persons, strict=True):
        if person is None:
            raise click.ClickException(f"没有账号 `{login}` · there is no login `{login}`")
    try:
        added = add_defaults(AddDefaults(persons[0] or 0, persons[1] or 0), at)
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    click.echo(
        f"新增 · added: {added.codes} 代码 codes, {added.templates} 模板 templates, {added.strategies} 策略 strategies"
    )


def make_sign_ins(state: Path, today: date) -> None:
    """One password for the demonstration, made at random once and kept in a file that only its owner reads."""
    path = state / SIGN_INS
    if path.exists():
        return
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    ensure_demonstration_staff(password, today)
    lines = [f"演示账号（密码均为 {password}） · demonstration sign-ins (password {password})", ""]
    lines += [f"  {login:<12} {name}" for login, name, _, _ in DEMONSTRATION_STAFF]
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")
    fresh.replace(path)
