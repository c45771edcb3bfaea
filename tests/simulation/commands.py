"""Promises that the product lets anybody check by command: the log that it exports, the rows beside it, the replay."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from click.testing import CliRunner
from django.db import connections

from simulation.broken import Broken
from simulation.place import Place
from zhizhi.ops.evidence import evidence
from zhizhi.ops.law_replay import replay_command

LAST_WORDS = 400


def broken_by_command(place: Place, at: datetime, say: Callable[[str], None]) -> Iterator[Broken]:
    """Export the log, check it as an outsider, compare the rows with it, and ask every decision again."""
    log = place.folder / "log"
    for promise, command, words in (
        ("the log is exported", evidence, ["export-log", str(log)]),
        ("the log is valid", evidence, ["check-log", str(log)]),
        ("the rows are those of the log", evidence, ["fsck", "--log", str(log)]),
        ("a decision comes out the same again", replay_command, []),
    ):
        done = CliRunner(env={"ZHIZHI_STATE": str(place.folder)}).invoke(command, words)
        said = done.output[-LAST_WORDS:] or repr(done.exception)
        say(f"{promise}: exit {done.exit_code}, processor {time.process_time():,.0f} s; {said.strip()}")
        if done.exit_code != 0:
            yield Broken(promise, 0, at, said.replace(str(Path(place.folder)), "…"))
    connections["gate"].close()
