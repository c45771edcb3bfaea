"""pg_dump and pg_restore: the newest programs that fit the server, and never a password among their words."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from zhizhi.gateways.backups.refused import refused
from zhizhi.gateways.backups.sealed import Readable, SealedFile
from zhizhi.gateways.postgres.binaries import candidates

LAST_WORDS = 2000
Seal = Callable[[Readable], SealedFile]
Feed = Callable[[IO[bytes]], None]


def find_program(name: str, server_major: int, environ: Mapping[str, str]) -> Path:
    """`pg_dump` or `pg_restore` of this server's version or a newer one. Refuses: none here."""
    beside = [one.folder / name for one in candidates(environ) if one.version >= server_major]
    found = next((path for path in beside if os.access(path, os.X_OK)), None)
    if found is None:
        raise refused(
            "no_program",
            f"没有找到 {server_major} 或更新版本的 {name}；请安装 postgresql-client-{server_major}",
            f"no {name} of version {server_major} or newer was found; help: install postgresql-client-{server_major}",
        )
    return found


def dump(url: str, snapshot: str, program: Path, seal: Seal) -> SealedFile:
    """Dump the database as that snapshot sees it, sealed while it is read. Refuses: what pg_dump refuses."""
    words = [str(program), "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--dbname={_without(url)}"]
    with Popen(words, stdout=PIPE, stderr=PIPE, env=_with_password(url)) as process:  # noqa: S603 - PostgreSQL's own
        assert process.stdout is not None
        try:
            sealed = seal(process.stdout)
        except BaseException:
            process.kill()
            raise
        _ended_well(process, program.name)
    return sealed


def restore(url: str, program: Path, feed: Feed) -> None:
    """Restore in one transaction: whole, or the database stays as it was. Refuses: what pg_restore refuses."""
    words = [str(program), "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={_without(url)}"]
    with Popen(words, stdin=PIPE, stderr=PIPE, env=_with_password(url)) as process:  # noqa: S603 - PostgreSQL's own
        assert process.stdin is not None
        try:
            feed(process.stdin)
            process.stdin.close()
        except BrokenPipeError:  # it has ended; its own words say why
            pass
        except BaseException:
            process.kill()  # before its end of file: what came so far is taken back
            raise
        _ended_well(process, program.name)


def _without(url: str) -> str:
    """The address without its password, which would stand in the list of processes."""
    parts = {key: value for key, value in conninfo_to_dict(url).items() if key != "password" and value is not None}
    return make_conninfo("", **parts)


def _with_password(url: str) -> dict[str, str]:
    password = conninfo_to_dict(url).get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


def _ended_well(process: Popen[bytes], name: str) -> None:
    assert process.stderr is not None
    said = process.stderr.read()[-LAST_WORDS:].decode("utf-8", "replace")
    if process.wait() != 0:
        # its words name tables and rights; a row is quoted only where one is refused, and then they are left out
        first = next((line for line in said.splitlines() if "error:" in line and "COPY" not in line), "")
        raise refused("postgres", f"{name} 没有完成：{first}", f"{name} did not finish: {first}")
