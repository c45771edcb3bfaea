"""Filings with carriers for tests: everything that a lender signs and says, or one step of one thing."""

from datetime import date, datetime

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.store.approvals.models import Approval
from zhizhi.store.filings.words import APPROVED, SUBMITTED
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.templates.models import TemplateVersion
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.filings.recording import RecordFiling, record_filing
from zhizhi.usecases.zones import civil_day

EVERY = tuple(CARRIERS)


def version_of(lender_id: int, code: str) -> int:
    """The newest version of a wording."""
    versions = TemplateVersion.objects.using("gate").filter(template__lender_id=lender_id, template__code=code)
    return int(versions.order_by("-n").values_list("pk", flat=True)[0])


def record(lender_id: int, state: str, at: datetime, by: int, version: int | None = None, **more: object) -> int | None:
    """One step, with what it needs said."""
    said: dict[str, object] = {"evidence": "运营商后台批复截图 2026-001", "on_day": civil_day(at), "carriers": EVERY}
    said |= {"number": "BA-2026-001"} if state == APPROVED else {}
    said |= {"reason": "内容不符合要求"} if state == "rejected" else {}
    return record_filing(RecordFiling(lender_id, version, state=state, by=by, **(said | more)), at)  # type: ignore[arg-type]  # the fields of a step


def approve(request: int, by: int, at: datetime) -> None:
    """The second person's word."""
    digest = Approval.objects.using("gate").get(pk=request).digest
    rule(Rule(request, digest, True, by), at)


def file(
    lender_id: int,
    at: datetime,
    by: tuple[int, int],
    version: int | None = None,
    carriers: tuple[str, ...] = EVERY,
    expires_on: date | None = None,
) -> None:
    """A thing is filed with some carriers and stands: `by` records, another approves."""
    record(lender_id, SUBMITTED, at, by[0], version, carriers=carriers)
    request = record(lender_id, APPROVED, at, by[0], version, carriers=carriers, expires_on=expires_on)
    assert request is not None
    approve(request, by[1], at)


def file_everything(lender: Lender, at: datetime) -> None:
    """The signature and every text message of a lender of `make_lender`, with every carrier, without an end."""
    lender_id = int(lender.pk)
    logins = Staff.objects.using("gate").filter(login__in=(f"author-{lender.code}", f"approver-{lender.code}"))
    approver, author = logins.order_by("login").values_list("pk", flat=True)
    by = (int(author), int(approver))
    file(lender_id, at, by)
    texts = TemplateVersion.objects.using("gate").filter(
        template__lender_id=lender_id, template__channel="sms", state="approved"
    )
    for version in texts.values_list("pk", flat=True):
        file(lender_id, at, by, version)
