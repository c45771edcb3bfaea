"""An act that takes two persons: who asks, who approves, how it is told, and how it is carried out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.rights import Right

DAYS_TO_RULE = 7


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what will happen: what it is, as it stands (None: nothing yet), and as it will be."""

    what: Text
    after: Text
    before: Text | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """`tell`: the request in words, wholly: what is not told is not asked for.

    `carry_out`: writes within the open transaction of the approval, on the login `gate`, and refuses by raising
    `Refused` where the world is another one than the request says. None: whoever asked does it, once, by
    `use_approval`.
    `set_aside`: the same where the request is refused, for what was kept until it is ruled on.
    `may_ask_for_self`: whether somebody may ask for what concerns themselves; nobody ever approves that.
    """

    code: str
    text: Text
    asks: Right
    approves: Right
    tell: Callable[[Mapping[str, Any]], tuple[Change, ...]]
    carry_out: Callable[[Standing, datetime], None] | None = None
    set_aside: Callable[[Standing, datetime], None] | None = None
    days: int = DAYS_TO_RULE
    may_ask_for_self: bool = False

    @property
    def lasts(self) -> timedelta:
        """How long a request may wait and an approval be used."""
        return timedelta(days=self.days)
