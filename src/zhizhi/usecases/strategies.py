"""Edit a strategy: every version is parsed before it is kept, and a second person activates it."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.strategies import activate_version, add_strategy_version
from zhizhi.usecases.authority import require
from zhizhi.usecases.strategy_table import parse_strategy


@dataclass(frozen=True, slots=True)
class DraftStrategy:
    """A new version of a lender's strategy, as TOML (docs/strategy.md)."""

    lender_id: int
    body: str
    by: int


@dataclass(frozen=True, slots=True)
class ActivateStrategy:
    """The second person's word."""

    version_id: int
    by: int


def draft_strategy(command: DraftStrategy, at: datetime) -> int:
    """Keep the draft; answers its id. Refuses: a table that does not parse, with its place."""
    require(command.by, Right.DRAFT_STRATEGY, lender_id=command.lender_id)
    table = parse_strategy(command.body)
    return add_strategy_version(command.lender_id, table.code, table.name.zh, command.body, at=at, by=command.by)


def activate_strategy(command: ActivateStrategy, at: datetime) -> None:
    """Activate it. Refuses: the author, a version that is no draft."""
    require(command.by, Right.ACTIVATE_STRATEGY)
    activate_version(command.version_id, at=at, by=command.by)
