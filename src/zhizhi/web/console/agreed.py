"""An agreement on relief as screens tell it."""

from dataclasses import dataclass

from zhizhi.core.kernel.text import Text
from zhizhi.store.reliefs.reads import ReliefRow
from zhizhi.store.reliefs.words import OPEN
from zhizhi.usecases.relief.act import offer_name


@dataclass(frozen=True, slots=True)
class ShownRelief:
    """`may_withdraw`: nobody has accepted it yet."""

    row: ReliefRow
    name: Text
    is_open: bool
    may_withdraw: bool


def shown_relief(row: ReliefRow) -> ShownRelief:
    """The row with its words."""
    is_open = row.state in OPEN
    return ShownRelief(row, offer_name(row.catalogue, row.offer), is_open, is_open and row.state != "accepted")
