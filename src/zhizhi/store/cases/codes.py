"""The published codes of notes, newest version."""

from dataclasses import dataclass

from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Code


@dataclass(frozen=True, slots=True)
class Codes:
    """Lists of codes in their published order: `action`, `outcome`, `overdue_reason`, `next_step`."""

    version: int
    lists: dict[str, dict[str, Text]]


def load_codes() -> Codes:
    """The newest version of every list."""
    lists: dict[str, dict[str, Text]] = {"action": {}, "outcome": {}, "overdue_reason": {}, "next_step": {}}
    rows = list(Code.objects.using("gate").order_by("-version", "list", "position"))
    version = rows[0].version if rows else 0
    for row in rows:
        if row.version == version:
            lists[row.list][row.code] = Text(row.zh, row.en)
    return Codes(version, lists)
