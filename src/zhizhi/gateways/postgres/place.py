"""Where the product keeps its state, and where the socket lies."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from zhizhi.gateways.postgres.account import Account, server_account
from zhizhi.gateways.postgres.problem import Code, DatabaseProblem

# A unix socket's whole path may have 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" and, while starting, ".lock".
SOCKET_FOLDER_BYTES_MAX = 107 - len("/.s.PGSQL.5432.lock")
KEY_LENGTH = 12


def locate_state(environ: Mapping[str, str], package: Path) -> Path:
    """The state folder: `ZHIZHI_STATE`, else `var/` of the checkout, else a folder keyed by the checkout's path.

    `var/` is passed over where the server's user cannot come (a checkout below a closed home) or we may not write.
    """
    if environ.get("ZHIZHI_STATE"):
        return Path(environ["ZHIZHI_STATE"]).absolute()
    checkout = package.parents[1]
    account = server_account()
    if (checkout / "pyproject.toml").exists():
        var = checkout / "var"
        is_writable = os.access(var if var.exists() else checkout, os.W_OK)
        if is_writable and (not account.is_other or account.can_execute(checkout)):
            return var
    return _states_of_user(environ, account) / "zhizhi" / key_of(checkout)


def _states_of_user(environ: Mapping[str, str], account: Account) -> Path:
    if account.is_other:
        return Path("/var/lib")
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def key_of(path: Path) -> str:
    """A short name for a folder that two checkouts never share."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:KEY_LENGTH]


def prepare_home(state: Path, account: Account) -> Path:
    """`<state>/postgres`, closed to all but the server's user. Refuses: a folder that user cannot come to."""
    home = state / "postgres"
    try:
        state.mkdir(parents=True, exist_ok=True)
        if account.is_other:
            state.chmod(0o711)  # passed through, never listed: keys and exports of the product lie beside
        home.mkdir(mode=0o700, exist_ok=True)
        account.own(home)
    except OSError as problem:
        raise _unreachable(state) from problem
    if not account.can_execute(home):
        raise _unreachable(state)
    return home


def _unreachable(state: Path) -> DatabaseProblem:
    return DatabaseProblem(
        Code.STATE_UNREACHABLE,
        zh=f"状态目录 `{state}` 无法由数据库用户使用；请用环境变量 ZHIZHI_STATE 指定另一目录",
        en=f"state folder `{state}` cannot be used by the database's user; help: set ZHIZHI_STATE to another folder",
    )


def prepare_socket_folder(state: Path, account: Account, environ: Mapping[str, str]) -> Path:
    """A short folder that only the server's user (and root) can enter. Refuses: one that somebody else laid there."""
    folder = _socket_root(account, environ) / f"zhizhi-{account.uid}-{key_of(state)}"
    assert len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES_MAX
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        account.own(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise DatabaseProblem(
            Code.SOCKET_FOLDER_UNSAFE,
            zh=f"套接字目录 `{folder}` 不属于数据库用户或对他人开放；请检查后删除",
            en=f"socket folder `{folder}` is not the database user's alone; help: look at it and remove it",
        )
    return folder


def _socket_root(account: Account, environ: Mapping[str, str]) -> Path:
    runtime = Path("/run") if account.is_other else Path(environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    is_short = len(os.fsencode(runtime)) <= SOCKET_FOLDER_BYTES_MAX - 32
    return runtime if is_short and os.access(runtime, os.W_OK | os.X_OK) else Path("/tmp")  # noqa: S108 - own 0700 folder, checked
