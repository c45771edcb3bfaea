"""The one customer account of the sink: made at first use, kept in its state folder, read by whoever sends into it."""

import contextlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    """Access key and secret of the template provider; the mail server of the sink takes no login."""

    access_key: str
    secret: str = field(repr=False)


def open_account(state: Path) -> Account:
    """The account of a state folder; two processes that start at once agree on one."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / "account.json"
    if not path.exists():
        fresh = state / f".account-{secrets.token_hex(8)}"
        document = {"access_key": "zk" + secrets.token_hex(8), "secret": secrets.token_urlsafe(32)}
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(document, file)
        with contextlib.suppress(FileExistsError):  # the other process was first: its account is the account
            os.link(fresh, path)
        fresh.unlink()
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Account(stored["access_key"], stored["secret"])
