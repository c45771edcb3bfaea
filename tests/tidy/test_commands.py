"""Every command is documented, in both languages, by a page that is generated from it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from tidy.tree import ROOT, text
from zhizhi.__main__ import main as zhizhi

PAGE = ROOT / "docs" / "reference" / "commands.md"
PRINT_PAGE = (
    "import sys; from zhizhi.__main__ import main; from zhizhi.ops.reference import commands_page;"
    " sys.stdout.write(commands_page(main))"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3}")


def commands(group: click.Group, path: str = "zhizhi") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    if not PAGE.exists():
        pytest.fail("docs/reference/commands.md is missing; write it with `make docs`")
    # in a process of its own: a command remembers the help options of whoever called it first
    written = subprocess.run(
        [sys.executable, "-c", PRINT_PAGE], capture_output=True, check=True, env={**os.environ, "PYTHONUTF8": "1"}
    )
    assert text(PAGE) == written.stdout.decode("utf-8"), "out of date; write it again with `make docs`"


def test_every_command_explains_itself_in_both_languages() -> None:
    found = [
        path
        for path, command in commands(zhizhi)
        if not (command.help and CHINESE.search(command.help) and ENGLISH.search(command.help))
    ]
    assert not found, f"help text needs Chinese and English: {found}"
