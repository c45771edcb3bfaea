"""A search tells whom it found; what is opened, seen in the clear or exported is told by triggers."""

from collections.abc import Sequence
from datetime import datetime

from zhizhi.store.many import Question, ask

_TOLD = "SELECT zhizhi_told_of(%s::text[], %s, %s, %s)"


def tell_found(numbers: Sequence[str], staff_id: int, how: str, at: datetime) -> None:
    """Ask with every hit, whoever was found: neither the answer nor its time says more about one than another."""
    if numbers:
        ask(Question(_TOLD, [list(numbers), staff_id, how, at], list))
