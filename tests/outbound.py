"""Outbound numbers for tests: one that stands, and what two persons do to it."""

from datetime import date, datetime, timedelta

from filed import approve
from zhizhi.store.models import Lender, Staff
from zhizhi.usecases.outbound.keeping import AddNumber, StepNumber, put_number, step_number
from zhizhi.usecases.zones import civil_day

LINE = "01062340001"
EVIDENCE = {"evidence": "线路商批复函 A-17", "filing_number": "HM-2026-7"}


def keepers(lender: Lender) -> tuple[int, int]:
    """Who keeps the numbers of a lender of `make_lender`, and who approves."""
    logins = Staff.objects.using("gate").filter(login__in=(f"author-{lender.code}", f"approver-{lender.code}"))
    approver, author = logins.order_by("login").values_list("pk", flat=True)
    return int(author), int(approver)


def add(lender: Lender, at: datetime, number: str = LINE, *, agency: str = "", daily_max: int = 200) -> int:
    """A number in the register, from which nobody may call yet."""
    by, _ = keepers(lender)
    return put_number(AddNumber(lender.pk, agency, number, "telecom", "甲消费金融有限公司", daily_max, by), at)


def step(lender: Lender, number: int, kind: str, at: datetime, **said: object) -> None:
    """A step, approved by the second person where it takes one."""
    by, approver = keepers(lender)
    request = step_number(StepNumber(number, kind, by, **said), at)  # type: ignore[arg-type]  # the fields of a step
    if request is not None:
        approve(request, approver, at)


def stand(lender: Lender, at: datetime, number: str = LINE, *, agency: str = "", daily_max: int = 200,
          until: date | None = None) -> int:  # fmt: skip
    """A number that calls may go out from."""
    added = add(lender, at, number, agency=agency, daily_max=daily_max)
    step(lender, added, "filed", at, filed_until=until or civil_day(at) + timedelta(days=90), **EVIDENCE)
    return added
