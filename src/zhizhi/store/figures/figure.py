"""A figure is a question for rows: its number is their count, their persons or their sum; its list is the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select

ROWS_PER_PAGE = 50
EVERY_PRODUCT = ""


class Unit(StrEnum):
    """What the number of a figure counts."""

    ROWS = "rows"
    PERSONS = "persons"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `rows` is SQL for (person_id, product, amount_minor, at) with the values of `Asked`."""

    code: str
    name: Text
    formula: Text
    unit: Unit
    rows: str
    cites: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two figures, one over the other: a share, or so many of one for each of the other."""

    code: str
    name: Text
    formula: Text
    above: Figure
    below: Figure
    is_share: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which day, and what was known when; amounts of one currency, for different ones have no sum.

    `lender_id` None: of every lender that the viewer sees.
    """

    on: date
    day_from: datetime
    day_until: datetime
    as_of: datetime
    lender_id: int | None = None
    currency: str = "CNY"

    def values(self) -> dict[str, Any]:
        """As the questions name them."""
        return {
            "on": self.on,
            "from_at": self.day_from,
            "until_at": min(self.day_until, self.as_of),
            "as_of": self.as_of,
            "lender": self.lender_id,
            "currency": self.currency,
        }


@dataclass(frozen=True, slots=True)
class Number:
    """What a figure is: of rows, of persons, and their sum in minor units; `of` is the one that its unit asks for."""

    rows: int
    persons: int
    minor: int

    def of(self, unit: Unit) -> int:
        """The number in a unit."""
        return {Unit.ROWS: self.rows, Unit.PERSONS: self.persons, Unit.MONEY: self.minor}[unit]


NOTHING = Number(0, 0, 0)


def load_number(figure: Figure, asked: Asked) -> dict[str, Number]:
    """The number of a figure by product, and of every product under the empty name."""
    found = select(
        f"SELECT product, count(*), count(DISTINCT person_id), coalesce(sum(amount_minor), 0)::bigint"
        f" FROM ({figure.rows}) figure GROUP BY GROUPING SETS ((product), ())",
        asked.values(),
    )
    return {product or EVERY_PRODUCT: Number(*numbers) for product, *numbers in found}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row behind a figure; the name is masked."""

    case_number: str
    name: str
    product: str
    amount_minor: int
    at: datetime | None


_PAGE = """
WITH figure AS MATERIALIZED (SELECT * FROM ({rows}) every WHERE %(product)s = '' OR product = %(product)s),
page AS (SELECT * FROM figure ORDER BY amount_minor DESC, person_id, at LIMIT %(limit)s OFFSET %(offset)s)
SELECT coalesce(c.number, ''), page.person_id, p.lender_id, p.masked, page.product, page.amount_minor, page.at
FROM page
JOIN person p ON p.id = page.person_id
LEFT JOIN LATERAL (SELECT number FROM collection_case c WHERE c.person_id = page.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
ORDER BY page.amount_minor DESC, page.person_id, page.at
"""


def load_rows(figure: Figure, asked: Asked, product: str, page: int) -> tuple[list[FigureRow], bool]:
    """One page of the rows behind a figure, the largest amounts first; and whether there are more."""
    values: Mapping[str, Any] = asked.values() | {
        "product": product,
        "limit": ROWS_PER_PAGE + 1,
        "offset": page * ROWS_PER_PAGE,
    }
    found = select(_PAGE.format(rows=figure.rows), values)
    shown = [
        FigureRow(number, Masked.open(list_seal(lender), bytes(masked), person).name, kind, int(amount), at)
        for number, person, lender, masked, kind, amount, at in found[:ROWS_PER_PAGE]
    ]
    return shown, len(found) > ROWS_PER_PAGE


def load_currencies(lender_id: int | None) -> list[str]:
    """The currencies of the cases that the viewer sees, the one of most cases first."""
    found = select(
        "SELECT currency FROM collection_case WHERE %(lender)s::bigint IS NULL OR lender_id = %(lender)s"
        " GROUP BY currency ORDER BY count(*) DESC, currency",
        {"lender": lender_id},
    )
    return [currency for (currency,) in found]


def load_latest_day(lender_id: int | None) -> date | None:
    """The latest day of the book that was kept; None before the first."""
    latest: date | None = select(
        'SELECT max("on") FROM debt_day WHERE NOT is_worked_out'
        " AND (%(lender)s::bigint IS NULL OR lender_id = %(lender)s)",
        {"lender": lender_id},
    )[0][0]
    return latest


def load_as_of(on: date, lender_id: int | None, now: datetime) -> datetime:
    """As of when a day speaks: the instant at which the next day of the book began; now, while there is none."""
    found = select(
        'SELECT min(kept_at) FROM debt_day WHERE "on" > %(on)s AND NOT is_worked_out'
        " AND (%(lender)s::bigint IS NULL OR lender_id = %(lender)s)",
        {"on": on, "lender": lender_id},
    )
    begun: datetime | None = found[0][0]
    return min(begun, now) if begun is not None else now
