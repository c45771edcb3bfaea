"""Which operations the format has, and which this version holds. A further one is a module and a line here."""

from collections.abc import Mapping
from enum import StrEnum

from zhizhi.core.debt import accrue_case, allocate, court_fee, instalment_plan, mask
from zhizhi.core.debt.operation import Operation


class OpName(StrEnum):
    """Every operation of the format."""

    ALLOCATE = "allocate"
    ACCRUE = "accrue"
    RATE = "rate"
    CAP = "cap"
    LIMITATION = "limitation"
    DEADLINE = "deadline"
    COURT_FEE = "court_fee"
    MASK = "mask"
    RETENTION = "retention"
    INSTALMENT_PLAN = "instalment_plan"


OPERATIONS: Mapping[OpName, Operation] = {
    OpName.ALLOCATE: allocate.OPERATION,
    OpName.ACCRUE: accrue_case.OPERATION,
    OpName.COURT_FEE: court_fee.OPERATION,
    OpName.MASK: mask.OPERATION,
    OpName.INSTALMENT_PLAN: instalment_plan.OPERATION,
}
