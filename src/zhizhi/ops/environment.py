"""The surroundings every command with a database needs: state folder, database address, secret key.

They travel to children as environment variables (`ZHIZHI_STATE`, `DATABASE_URL`, `ZHIZHI_SECRET_KEY`): a command works
alike alone, below `zhizhi run`, and against an operator's own database.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

import zhizhi
from zhizhi.gateways.postgres import external
from zhizhi.gateways.postgres.place import locate_state
from zhizhi.gateways.postgres.problem import DatabaseProblem
from zhizhi.gateways.postgres.server import Server, attach_or_start

SECRET_KEY_BYTES = 48


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the product works. `server` is None where the operator named a database of his own."""

    state: Path
    owner_url: str
    server: Server | None


class NoDatabase(click.ClickException):
    """There is no database to work on; shown to the person at the terminal in both languages."""

    def __init__(self, problem: DatabaseProblem) -> None:
        super().__init__(f"{problem.text.zh}\n{problem.text.en}")
        self.code = problem.code


def state_folder() -> Path:
    """The state folder of this checkout or installation."""
    return locate_state(os.environ, Path(zhizhi.__file__).resolve().parent)


@contextlib.contextmanager
def prepared_environment() -> Iterator[Surroundings]:
    """Find or start the database and export the surroundings; a server that was started here is stopped afterwards.

    Refuses: `NoDatabase` with the remedy.
    """
    state = state_folder()
    named = os.environ.get("DATABASE_URL")
    try:
        if named:
            external.check(named)
        server = None if named else attach_or_start(state)
    except DatabaseProblem as problem:
        raise NoDatabase(problem) from problem
    before = {name: os.environ.get(name) for name in ("ZHIZHI_STATE", "DATABASE_URL", "ZHIZHI_SECRET_KEY")}
    try:
        url = named or (server.owner_url if server else "")
        os.environ.update(ZHIZHI_STATE=str(state), DATABASE_URL=url)
        os.environ.setdefault("ZHIZHI_SECRET_KEY", secret_key(state))
        yield Surroundings(state, url, server)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if server is not None:
            server.stop()


def secret_key(state: Path) -> str:
    """The key that signs sessions: made once, readable by its owner alone."""
    path = state / "secret-key"
    state.mkdir(parents=True, exist_ok=True)
    fresh = state / f"secret-key.{os.getpid()}"
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:
                opened.write(secrets.token_urlsafe(SECRET_KEY_BYTES))
            try:
                os.link(fresh, path)  # of two that begin at once, one key wins, and it is never half written
            finally:
                fresh.unlink()
    return path.read_text(encoding="ascii")
