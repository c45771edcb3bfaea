"""`zhizhi staff`: who joins, moves and leaves, and what another person does about a member's way in, at a terminal.

The same use cases as the pages.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.ops.staff_changes import COMMANDS
from zhizhi.usecases.sign_in import of_others
from zhizhi.usecases.sign_in.of_others import OfAnother

Act = Callable[[OfAnother, datetime], object]


@click.group()
def staff() -> None:
    """人员与登录：新增、变更、离岗、邀请；解锁、结束会话、重置第二因素 · Staff: joining, moving, leaving, sign-ins."""


def _command(act: Act, name: str, help_text: str, done: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("login")
    @click.option("--by", required=True, metavar="LOGIN", help="经办人，须为另一人 · who does it, somebody else")
    @click.option("--ground", required=True, help="依据，例如如何核实了本人 · on what ground; it is kept as evidence")
    def command(login: str, by: str, ground: str) -> None:
        try:
            act(OfAnother(login, by, ground), datetime.now(UTC))
        except Refused as refused:
            raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
        click.echo(done)

    return command


WORDS: tuple[tuple[Act, str, str, str], ...] = (
    (
        of_others.unlock,
        "unlock",
        "解除登录锁定 · End the waits and the lock of a member.",
        "已解锁 · open again",
    ),
    (
        of_others.end_sessions,
        "end-sessions",
        "结束全部会话 · End all sessions of a member.",
        "已结束 · sessions ended",
    ),
    (
        of_others.reset_factor,
        "reset-factor",
        "重置第二因素，下次登录重新设置 · Take all second factors, recovery codes and sessions of a member away.",
        "已重置 · the next sign-in enrols",
    ),
)
for _words in WORDS:
    staff.add_command(_command(*_words))
for _change in COMMANDS:
    staff.add_command(_change)
