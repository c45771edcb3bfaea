"""As whom the server runs: PostgreSQL refuses root, so root gives it to `postgres` or `nobody`; others run it."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

SERVER_USERS = ("postgres", "nobody")


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that change who the child is."""

    user: int
    group: int
    extra_groups: list[str | int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group of this machine; `is_other` when it is not the one we are."""

    uid: int
    gid: int
    is_other: bool

    def popen(self) -> Identity:
        """The arguments of `subprocess` that make the child this user."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_execute(self, path: Path) -> bool:
        """True when this user can run that file, or enter that folder."""
        if not self.is_other:
            return os.access(path, os.X_OK)
        test = ["/usr/bin/test", "-x", str(path)]
        return subprocess.run(test, check=False, cwd="/", **self.popen()).returncode == 0  # noqa: S603 - fixed program

    def own(self, path: Path) -> None:
        """Give a file or folder to this user."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """The user the server will run as."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in SERVER_USERS if name in known)
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)
