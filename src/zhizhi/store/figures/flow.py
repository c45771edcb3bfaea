"""流转: how debts moved between days of the book that were kept."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.figure import Asked, Figure, Unit
from zhizhi.store.select import select

BUCKETS_MAX = 7
_LENDER = "(%(lender)s::bigint IS NULL OR lender_id = %(lender)s)"
# The latest day that was kept up to the day asked for, and the one before it, of days that really began.
_TODAY = (
    f'(SELECT max("on") FROM debt_day WHERE "on" <= %(on)s AND NOT is_worked_out AND {_LENDER}'
    " AND kept_at <= %(as_of)s)"
)
_BEFORE = (
    f'(SELECT max("on") FROM debt_day WHERE NOT is_worked_out AND {_LENDER}'
    f' AND "on" < (SELECT max("on") FROM debt_day WHERE "on" <= %(on)s AND NOT is_worked_out AND {_LENDER}))'
)


def _bucket(days: str) -> str:
    return f"CASE WHEN {days} <= 0 THEN 0 ELSE least({BUCKETS_MAX}, ({days} + 29) / 30) END"


_MOVED = f"""
SELECT t.person_id, t.product, CASE WHEN t.exit IS NULL THEN t.balance_minor ELSE b.balance_minor END AS amount_minor,
    t.kept_at AS at
FROM debt_day t
LEFT JOIN debt_day b ON b.person_id = t.person_id AND b.debt_id = t.debt_id AND b."on" = {_BEFORE} AND b.exit IS NULL
WHERE t."on" = {_TODAY} AND (%(lender)s::bigint IS NULL OR t.lender_id = %(lender)s) AND t.currency = %(currency)s
  AND {_BEFORE} IS NOT NULL AND {{moved}}
"""
_WAS = _bucket("coalesce(b.days_past_due, 0)")
_IS = _bucket("t.days_past_due")
_BETWEEN = Text("与上一个账面日相比", "compared with the day of the book before")


def _moved(code: str, zh: str, en: str, formula: Text, moved: str) -> Figure:
    told = Text(f"{formula.zh}；{_BETWEEN.zh}", f"{formula.en}; {_BETWEEN.en}")
    return Figure(code, Text(zh, en), told, Unit.MONEY, _MOVED.format(moved=moved))


ENTERED = _moved(
    "entered",
    "新入催",
    "Entered",
    Text("前一日未逾期、当日已逾期的债务", "debts that were not overdue and are"),
    f"t.exit IS NULL AND {_WAS} = 0 AND {_IS} > 0",
)
CURED = _moved(
    "cured",
    "回正",
    "Cured",
    Text(
        "前一日逾期、当日不再逾期或已结清的债务，按前一日金额",
        "debts that were overdue and are not, by their amount of the day before",
    ),
    f"b.person_id IS NOT NULL AND {_WAS} > 0 AND {_IS} = 0"
    " AND coalesce(t.exit, 'cured') IN ('cured', 'settled', 'settled_with_waiver')",
)
LEFT_OTHERWISE = _moved(
    "left_otherwise",
    "其他退出",
    "Left otherwise",
    Text("转让、代偿、终止追偿、撤回的债务", "debts that were assigned, subrogated, ended or withdrawn"),
    "b.person_id IS NOT NULL AND t.exit IN ('assigned', 'subrogated', 'ended', 'withdrawn')",
)
ROLLED_FORWARD = _moved(
    "rolled_forward",
    "向后滚动",
    "Rolled forward",
    Text("逾期段上升的债务", "debts in a later bucket"),
    f"t.exit IS NULL AND {_WAS} > 0 AND {_IS} > {_WAS}",
)
ROLLED_BACK = _moved(
    "rolled_back",
    "向前滚回",
    "Rolled back",
    Text("逾期段下降但仍逾期的债务", "debts in an earlier bucket, still overdue"),
    f"t.exit IS NULL AND {_WAS} > 0 AND {_IS} > 0 AND {_IS} < {_WAS}",
)
FLOWS = (ENTERED, CURED, ROLLED_FORWARD, ROLLED_BACK, LEFT_OTHERWISE)


def _in_bucket(n: int) -> Figure:
    days = {0: "未逾期", BUCKETS_MAX: "逾期 181 天及以上"}.get(n, f"逾期 {30 * n - 29}–{30 * n} 天")
    told = {0: "that are not overdue", BUCKETS_MAX: "181 days and more past due"}.get(
        n, f"{30 * n - 29} to {30 * n} days past due"
    )
    return Figure(
        f"in_m{n}",
        Text(f"M{n} 余额", f"Balance in M{n}"),
        Text(
            f"账面日在催债务中{days}者的应还未还金额",
            f"due and not paid, of debts in work {told}, as the day began",
        ),
        Unit.MONEY,
        f"""
SELECT person_id, product, balance_minor AS amount_minor, kept_at AS at FROM debt_day
WHERE "on" = {_TODAY} AND exit IS NULL AND {_LENDER} AND currency = %(currency)s
  AND {_bucket("days_past_due")} = {n}
""",
    )


BUCKETS = tuple(_in_bucket(n) for n in range(BUCKETS_MAX + 1))


@dataclass(frozen=True, slots=True)
class Rolls:
    """A roll-rate matrix between two days: from a bucket to a bucket, debts and their amount of the first day.

    `to` 0 is cured; None left the book otherwise. `is_worked_out`: a day of it lies before the first run.
    """

    first: date
    last: date
    cells: dict[tuple[int, int | None], tuple[int, int]]
    is_worked_out: bool

    def share(self, start: int, end: int | None) -> float | None:
        """Of the amount that was in a bucket, the share that went to another; None: there was none."""
        whole = sum(minor for (origin, _), (_, minor) in self.cells.items() if origin == start)
        return self.cells.get((start, end), (0, 0))[1] / whole if whole else None


# The day of the book nearest after a first of a month stands for it.
_DAYS = f"""
SELECT month.first, (SELECT min("on") FROM debt_day WHERE "on" >= month.first AND "on" <= %(on)s AND {_LENDER}
                     AND "on" < month.first + interval '1 month')
FROM generate_series(date_trunc('month', %(on)s::date) - interval '3 months', date_trunc('month', %(on)s::date),
                     interval '1 month') AS month (first)
ORDER BY month.first
"""
_CELLS = f"""
SELECT {_bucket("f.days_past_due")},
    CASE WHEN l.exit IN ('assigned', 'subrogated', 'ended', 'withdrawn') THEN NULL
         ELSE {_bucket("coalesce(l.days_past_due, 0)")} END,
    count(*), sum(f.balance_minor)::bigint, bool_or(f.is_worked_out OR coalesce(l.is_worked_out, false))
FROM debt_day f
LEFT JOIN LATERAL (SELECT * FROM debt_day l WHERE l.person_id = f.person_id AND l.debt_id = f.debt_id
    AND (l."on" = %(last)s OR (l.exit IS NOT NULL AND l."on" > %(first)s AND l."on" <= %(last)s))
    ORDER BY l."on" DESC LIMIT 1) l ON true
WHERE f."on" = %(first)s AND f.exit IS NULL AND f.days_past_due > 0 AND f.currency = %(currency)s
  AND (%(lender)s::bigint IS NULL OR f.lender_id = %(lender)s)
GROUP BY 1, 2
"""


def load_rolls(asked: Asked) -> list[Rolls]:
    """The matrices of the three months before, each from first to first, and of this month up to the day asked for."""
    firsts = [day for _, day in select(_DAYS, asked.values()) if day is not None]
    spans = list(pairwise(firsts))
    latest = select(f'SELECT max("on") FROM debt_day WHERE "on" <= %(on)s AND {_LENDER}', asked.values())[0][0]
    if firsts and latest is not None and latest > firsts[-1]:
        spans.append((firsts[-1], latest))
    return [_rolls(first, last, asked) for first, last in spans]


def _rolls(first: date, last: date, asked: Asked) -> Rolls:
    found = select(_CELLS, asked.values() | {"first": first, "last": last})
    cells = {(start, end): (debts, minor) for start, end, debts, minor, _ in found}
    return Rolls(first, last, cells, any(row[4] for row in found))
