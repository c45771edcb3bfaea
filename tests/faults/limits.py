"""No file of a server may grow any more: a limit on its processes, which an ordinary user too may set on his own."""

import subprocess
from pathlib import Path

from zhizhi.gateways.postgres.account import server_account

UNLIMITED = "unlimited"
# a process that ended meanwhile needs no limit
_EACH = """
octets="$1"; shift
for pid; do prlimit --pid="$pid" --fsize="$octets": || [ ! -e "/proc/$pid" ] || exit 1; done
"""


def limit_files(first: int, octets: str) -> None:
    """The first process, from which others get theirs when they begin, and then those that have begun.

    Refuses: processes of somebody else (PermissionError).
    """
    _set([first], octets)
    _set(_children(first), octets)


def _children(first: int) -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()]
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return []


def _set(pids: list[int], octets: str) -> None:
    """As the account that runs the server: the kernel lets a process be limited by whoever it belongs to."""
    words = ["sh", "-c", _EACH, "sh", octets, *map(str, pids)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd="/", **server_account().popen())
    if done.returncode != 0:
        raise PermissionError(done.stderr.strip())
