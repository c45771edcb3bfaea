"""Steps of filings and of recalls are written, each with its leaf."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.filings.models import CarrierFiling, WordingRecall
from zhizhi.store.filings.words import MAY_FOLLOW, NOTHING, STATES
from zhizhi.store.templates.models import TemplateVersion
from zhizhi.store.transact.deliveries import EXPIRED_MAX, cancel_texts
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import lock_persons

RECALLED = "template_withdrawn"


@dataclass(frozen=True, slots=True)
class Filed:
    """What is filed: a lender's signature, or a version of one of its wordings; the other one is empty."""

    lender_id: int
    channel: str
    signature: str = ""
    version_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a carrier was sent or has answered, on its day; `expires_on` is the last day in force."""

    carrier: str
    state: str
    on_day: date
    number: str = ""
    expires_on: date | None = None
    reason: str = ""
    evidence: str = ""
    evidence_sha256: str = ""


def add_steps(filed: Filed, steps: Sequence[Step], at: datetime, by: int) -> None:
    """Write the next step of several carriers, all or none. Refuses: as `add_step`."""
    with transaction.atomic(using="gate", durable=True):
        for step in steps:
            add_step(filed, step, at, by)


def add_step(filed: Filed, step: Step, at: datetime, by: int, approval: int | None = None) -> None:
    """Write the next step of a filing; the caller's transaction on `gate` is open.

    Refuses: a state that does not follow the one before, a day before that of the step before.
    """
    of_one = {"lender_id": filed.lender_id, "channel": filed.channel, "carrier": step.carrier}
    of_one |= {"signature": filed.signature, "version_id": filed.version_id}
    with connections["gate"].cursor() as cursor:  # steps of a lender come one after the other
        cursor.execute("SELECT 1 FROM lender WHERE id = %s FOR NO KEY UPDATE", [filed.lender_id])
    former = CarrierFiling.objects.using("gate").filter(**of_one).order_by("-n").first()
    _require_next(former, step)
    row = CarrierFiling.objects.using("gate").create(
        **of_one,
        n=former.n + 1 if former else 1,
        state=step.state,
        number=step.number,
        on_day=step.on_day,
        expires_on=step.expires_on,
        reason=step.reason,
        evidence=step.evidence,
        evidence_sha256=step.evidence_sha256,
        approval_id=approval,
        by_id=by,
        at=at,
    )
    values = {
        "lender": filed.lender_id,
        "channel": filed.channel,
        "carrier": step.carrier,
        "signature": filed.signature,
        "version": filed.version_id,
        "n": row.n,
        "state": step.state,
        "number": step.number,
        "on": step.on_day.isoformat(),
        "expires_on": step.expires_on and step.expires_on.isoformat(),
        "reason": step.reason,
        "evidence": step.evidence,
        "evidence_sha256": step.evidence_sha256,
        "approval": approval,
        "by": by,
    }
    leaf = NewLeaf(LeafKind.TEMPLATE, at, uuid4(), values, source_id=row.pk, source_table="carrier_filing")
    add_leaves([leaf])


def _require_next(former: CarrierFiling | None, step: Step) -> None:
    carrier, wanted = CARRIERS[step.carrier], STATES[step.state]
    state = former.state if former else None
    if step.state not in MAY_FOLLOW[state]:
        was = NOTHING if state is None else STATES[state]
        zh = f"{carrier.zh}：报备现为「{was.zh}」，不能改为「{wanted.zh}」；请先登记中间一步"
        en = f"{carrier.en}: it is {was.en} and does not become {wanted.en}; help: record the step between"
        raise Refused("no_such_step", Text(zh, en))
    if former is not None and step.on_day < former.on_day:
        zh, en = "日期早于该报备的上一步", "the day is before that of the filing's last step"
        raise Refused("before_last_step", Text(f"{carrier.zh}：{zh}", f"{carrier.en}: {en}"))


def withdraw_version(version_id: int, reason: str, due_at: datetime, at: datetime, by: int) -> None:
    """Withdraw an approved version, for good: from this commit on nothing leaves with it, whether it waits, is in a
    worker's hands, or is permitted at the same moment (sql/filings.sql).

    Refuses: a version that is not in use.
    """
    with transaction.atomic(using="gate", durable=True):
        versions = TemplateVersion.objects.using("gate").select_related("template").select_for_update(of=("self",))
        version = versions.filter(pk=version_id).first()
        if version is None or version.state != "approved":
            raise Refused("not_in_use", Text("该版本不在使用中", "this version is not in use"))
        version.state = "withdrawn"
        version.save(using="gate", update_fields=["state"])
        row = WordingRecall.objects.using("gate").create(
            version=version, lender_id=version.template.lender_id, at=at, by_id=by, reason=reason, due_at=due_at
        )
        _log(row, at)


def close_recall(version_id: int, followed_up: str, at: datetime, by: int) -> None:
    """What was done for those who had it is said, once. Refuses: no recall that is open."""
    with transaction.atomic(using="gate", durable=True):
        rows = WordingRecall.objects.using("gate").select_for_update().filter(version_id=version_id, closed_at=None)
        row = rows.first()
        if row is None:
            raise Refused("no_recall", Text("没有待跟进的停用", "no recall waits for this"))
        row.closed_at, row.closed_by_id, row.followed_up = at, by, followed_up
        row.save(using="gate", update_fields=["closed_at", "closed_by", "followed_up"])
        _log(row, at)


def _log(row: WordingRecall, at: datetime) -> None:
    values = {
        "withdrawn": row.version_id,
        "by": row.by_id,
        "reason": row.reason,
        "followed_up": row.followed_up,
        "closed_by": row.closed_by_id,
    }
    leaf = NewLeaf(LeafKind.TEMPLATE, at, uuid4(), values, source_id=row.pk, source_table="wording_recall")
    add_leaves([leaf])


_WAITING_OF_VERSION = """
SELECT DISTINCT d.person_id FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
WHERE d.state = 'waiting' AND m.template_version_id = %s LIMIT %s
"""


def give_back_recalled(version_id: int, at: datetime, beat: Callable[[], None], *, limit: int = EXPIRED_MAX) -> int:
    """What waits with a withdrawn version ends, and its permits are given back, at most so many persons a commit.

    It would not leave either way: this is why it does not wait on. Answers how many.
    """
    done = 0
    while True:
        with transaction.atomic(using="gate", durable=True):
            with connections["gate"].cursor() as cursor:
                cursor.execute(_WAITING_OF_VERSION, [version_id, limit])
                persons = sorted(row[0] for row in cursor.fetchall())
            if not persons:
                return done
            lock_persons(persons)
            done += cancel_texts(persons, version_id, at, RECALLED)
        beat()
