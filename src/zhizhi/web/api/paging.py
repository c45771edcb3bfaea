"""Cursors: the key of the last row of a page, opaque to the client, the same price on every page."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from zhizhi.core.kernel.text import Text
from zhizhi.web.api.answered import Page
from zhizhi.web.api.fields import Line, Shape, WrittenWhole
from zhizhi.web.api.problems import Place, Problem
from zhizhi.web.api.reading import WRONG

ROWS_MAX, ROWS = 200, 50
BAD_CURSOR = Text("请使用上一页答复中的 cursor", "help: the `cursor` of the page before, as it was answered")
Row = TypeVar("Row")
Shown = TypeVar("Shown")


class Paged(Shape):
    """Where a page of a list begins, and how long it is."""

    cursor: Annotated[str | None, Line("上一页答复中的 cursor", "`cursor` of the page before", most=200)] = None
    limit: Annotated[int, WrittenWhole("行数", "rows of the page", 1, ROWS_MAX)] = ROWS

    def after(self, kind: str) -> tuple[int, ...] | None:
        """The key behind which the page begins; None on the first. Refuses: another list's cursor, or none of ours."""
        return None if self.cursor is None else _opened(self.cursor, kind)


def page_of(
    rows: Sequence[Row], paged: Paged, kind: str, key: Callable[[Row], tuple[int, ...]], show: Callable[[Row], Shown]
) -> Page[Shown]:
    """A page of rows that were read one beyond its length."""
    shown = rows[: paged.limit]
    further = _written(kind, key(shown[-1])) if len(rows) > paged.limit else None
    return Page(rows=[show(row) for row in shown], cursor=further)


def _written(kind: str, key: tuple[int, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps([kind, *key]).encode()).decode().rstrip("=")


def _opened(cursor: str, kind: str) -> tuple[int, ...]:
    try:
        opened = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        name, *key = opened
        if name != kind or not all(type(part) is int and abs(part) < 1 << 63 for part in key):
            raise ValueError(kind)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Problem(422, "bad_request", WRONG, (Place("/query/cursor", BAD_CURSOR),)) from None
    return tuple(key)
