"""The tables that a case brings: they replace the engine's own, for this case alone."""

from dataclasses import replace
from fractions import Fraction

from zhizhi.core.debt.errors import ErrorCode, Finding
from zhizhi.core.debt.facts import FROM_CASE, TableName, Tables
from zhizhi.core.debt.lpr import LprRow, LprTable
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.calendar import WorkCalendar
from zhizhi.core.kernel.days import FIRST_DAY
from zhizhi.core.kernel.text import Text


def read_tables(fields: Fields, official: Tables, uses: frozenset[TableName]) -> Tables:
    """The tables in force for the case. Notes: a table that the operation does not use; what is wrong inside one."""
    fields.keys(required=(), optional=uses, unused=frozenset(TableName) - uses)
    tables = official
    if fields.has(TableName.LPR):
        tables = replace(tables, lpr=LprTable(read_lpr_rows(fields, "tables.lpr"), FROM_CASE))
    if fields.has(TableName.CALENDAR):
        tables = replace(tables, calendar=_read_calendar(fields.record(TableName.CALENDAR)))
    return tables


def read_lpr_rows(fields: Fields, place: str) -> tuple[LprRow, ...]:
    """The rows of a rate table, ascending by day. Notes: rows out of order; none of them is taken then."""
    rows = []
    for row in fields.records(TableName.LPR):
        row.keys(required=("from", "rate"))
        rows.append((row.day("from", FIRST_DAY), row.rate("rate", Fraction(0))))
    days = [day for day, _ in rows]
    if days != sorted(set(days)):
        fields.findings.append(Finding(ErrorCode.BAD_ORDER, place, Text("各行须按日期递增", "must ascend by day")))
        return ()
    return tuple(rows)


def _read_calendar(fields: Fields) -> WorkCalendar:
    fields.keys(required=("off", "on"))
    off, on = frozenset(fields.days("off")), frozenset(fields.days("on"))
    if off & on:
        wrong = Text("同一日既休息又上班", "holds a day that is both off and on")
        fields.findings.append(Finding(ErrorCode.CONFLICT, "tables.calendar", wrong))
        on -= off
    return WorkCalendar(off=off, on=on, known=None, version=FROM_CASE)
