"""The dated facts that debt arithmetic reads: which tables there are, and the ones that the engine ships."""

from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.debt.lpr import LprTable
from zhizhi.core.debt.tables.lpr_cn import LPR_CN
from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.kernel.calendar import WorkCalendar

FROM_CASE = "case"
"""Version that a result prints for a table that the case brought itself."""


class TableName(StrEnum):
    """Names of the tables, as cases and results write them."""

    CALENDAR = "calendar"
    LPR = "lpr"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables in force for one answer."""

    lpr: LprTable
    calendar: WorkCalendar


OFFICIAL = Tables(lpr=LPR_CN, calendar=WORKDAYS_CN)
"""The tables of this release. An operator who holds newer rows passes `Tables` of his own."""
