"""The port of a payment channel, and the adapter that writes files for one.

A channel that is reached otherwise implements `DebitChannel`; results of any come back as a file of kind
`debit_results` (docs/debits.md).
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import mkstemp
from typing import Protocol

from zhizhi.core.kernel.sheets import sheet_line

COLUMNS = ("number", "token", "amount_minor", "currency", "on")
_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class DebitOrder:
    """One sum to draw. `number` is ours and never used twice; `token`: the bank's name for the account."""

    number: str
    token: str = field(repr=False)
    amount_minor: int
    currency: str
    on: date


class DebitChannel(Protocol):
    """What draws money."""

    def hand_over(self, batch: str, orders: Sequence[DebitOrder]) -> str:
        """Hand a batch over and answer its SHA-256. The same batch again is the same one, and draws nothing twice.

        Refuses: a batch of this name that says something else (`FileExistsError`), one that was not taken (`OSError`).
        """


class FileDebits:
    """A folder from which the channel's own transfer takes files: `<batch>.csv`, whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, batch: str, orders: Sequence[DebitOrder]) -> str:
        """Write the file beside, flush it, and name it in one step; a file that is there already is left."""
        octets = _written(orders)
        digest = hashlib.sha256(octets).hexdigest()
        path = self._folder / f"{batch}.csv"
        self._folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        descriptor, beside = mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, path)  # unlike a rename, it refuses a name that is in use
        except FileExistsError:
            if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise
        finally:
            with suppress(FileNotFoundError):
                Path(beside).unlink()
        return digest


def _written(orders: Sequence[DebitOrder]) -> bytes:
    """CSV in UTF-8, a line an order; no cell begins as a formula would, so that guarding changes none."""
    lines = [sheet_line(COLUMNS)]
    for order in orders:
        lines.append(sheet_line((order.number, order.token, order.amount_minor, order.currency, order.on.isoformat())))
    return "".join(lines).encode()
