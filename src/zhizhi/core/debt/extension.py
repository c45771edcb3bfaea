"""Newer rows for the shipped tables, as an operator writes them while a release with them is not out yet.

`{"version": text, "lpr"?: [{from, rate}…], "calendar"?: {"until": day, "off": [day…], "on": [day…]}}`: rates later than
the last one shipped; the weekdays off and the weekend days worked, from the end of the shipped notices up to but not
including `until`. Rows are only ever added: what an earlier answer has read stays as it was.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from zhizhi.core.debt.case_tables import read_lpr_rows
from zhizhi.core.debt.document import parse_cases
from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import TableName, Tables
from zhizhi.core.debt.lpr import LprRow
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.days import FIRST_DAY, DaySpan
from zhizhi.core.kernel.text import Text


def parse_extension(raw: bytes, tables: Tables) -> Tables:
    """The tables with the rows of one document behind them. Refuses: DebtError, with the codes of a case."""
    documents = parse_cases(raw)
    if len(documents) != 1:
        refuse_first([Finding(ErrorCode.BAD_VALUE, "", Text("须恰为一个对象", "the file must hold one object"))])
    fields = Fields(documents[0], "", [])
    fields.keys(required=("version",), optional=TableName)
    version = fields.text("version", "")
    rows = read_lpr_rows(fields, "lpr")
    _check_rows(fields, rows, tables)
    calendar = fields.record(TableName.CALENDAR)
    until, off, on = _read_notice(calendar, tables)
    refuse_first(fields.findings)
    if rows:
        tables = replace(tables, lpr=tables.lpr.extended(rows, version))
    if fields.has(TableName.CALENDAR):
        tables = replace(tables, calendar=tables.calendar.extended(off=off, on=on, until=until, version=version))
    return tables


def _check_rows(fields: Fields, rows: Iterable[LprRow], tables: Tables) -> None:
    last_day = tables.lpr.rows[-1][0]
    if any(day <= last_day for day, _ in rows):
        since = last_day.isoformat()
        wrong = Text(f"须晚于现有末行 {since}", f"must lie after the last row, {since}")
        fields.findings.append(Finding(ErrorCode.BAD_ORDER, "lpr", wrong))


def _read_notice(fields: Fields, tables: Tables) -> tuple[date, frozenset[date], frozenset[date]]:
    """The notice of an operator. Notes: days outside the years that it adds; a day that is both off and on."""
    fields.keys(required=("until", "off", "on"))
    until = fields.day("until", FIRST_DAY)
    off, on = frozenset(fields.days("off")), frozenset(fields.days("on"))
    assert tables.calendar.known is not None, "the shipped calendar knows its years"
    known_until = tables.calendar.known.until
    added = DaySpan(known_until, max(known_until, until))
    if added.days == 0 or any(day not in added for day in off | on):
        since = known_until.isoformat()
        wrong = Text(f"须在 {since} 起至 until 前", f"must lie from {since} on and before `until`")
        fields.findings.append(Finding(ErrorCode.BAD_ORDER, "calendar", wrong))
    if off & on:
        wrong = Text("同一日既休息又上班", "holds a day that is both off and on")
        fields.findings.append(Finding(ErrorCode.CONFLICT, "calendar", wrong))
    return until, off, on
