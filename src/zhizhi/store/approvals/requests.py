"""A request is kept, ruled on, withdrawn and carried out: each step with its leaf, in the transaction that takes it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from zhizhi.core.evidence.leaf import Json, LeafKind
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.models import Approval
from zhizhi.store.evidence.models import Leaf, Salt
from zhizhi.store.transact.leaves import NewLeaf, leaf_rows


class ApprovalRefused(Refused):
    """The step cannot be taken; nothing is written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: an act, for a lender (None: the installation), and the member of staff whom it concerns."""

    act: str
    lender_id: int | None
    about_staff_id: int | None
    request: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """What an approval is bound to."""
        bound: dict[str, Json] = {
            "act": self.act,
            "lender": self.lender_id,
            "about": self.about_staff_id,
            "request": dict(self.request),
        }
        return hashlib.sha256(canonical(bound)).hexdigest()


@dataclass(frozen=True, slots=True)
class Standing:
    """A request as it stands."""

    id: int
    wanted: Wanted
    digest: str
    asked_by: int
    asked_at: datetime
    expires_at: datetime
    state: str
    ground: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """The second person's word on what the digest names."""

    approval_id: int
    digest: str
    approve: bool
    by: int
    remark: str


CarryOut = Callable[[Standing], None]
"""Writes what was approved, or what a refusal ends, in the open transaction of the ruling on `gate`."""

_NOT_WAITING = Text("该申请已有结论或不存在", "this request was ruled on, or is not there")


def keep_request(wanted: Wanted, *, by: int, ground: str, at: datetime, expires_at: datetime) -> int:
    """Keep a request; answers its id. Refuses: the very same one waits already."""
    try:
        with transaction.atomic(using="gate", durable=True):
            for late in _rows().filter(digest=wanted.digest, state="waiting", expires_at__lte=at):
                _move(late, "expired", at)
            row = Approval.objects.using("gate").create(
                act=wanted.act,
                lender_id=wanted.lender_id,
                about_staff_id=wanted.about_staff_id,
                request=dict(wanted.request),
                digest=wanted.digest,
                ground=ground,
                asked_by_id=by,
                asked_at=at,
                expires_at=expires_at,
            )
            _log(row, at)
            return int(row.pk)
    except IntegrityError as broken:
        violated = broken.__cause__
        if not isinstance(violated, UniqueViolation) or violated.diag.constraint_name != "approval_waits_once":
            raise
        raise ApprovalRefused(
            "asked_already", Text("同样的申请已在等待审批", "the very same request waits already")
        ) from None


def load_standing(approval_id: int) -> Standing | None:
    """The request of this id, for whoever may rule on it: asked by the use case."""
    row = Approval.objects.using("gate").filter(pk=approval_id).first()
    return _standing(row) if row is not None else None


def rule_request(ruling: Ruling, at: datetime, carry_out: CarryOut | None) -> None:
    """Approve or refuse, and carry out at once what the ruling does: one transaction.

    Refuses: no such request waits, it is over, the same person, the person concerned, another digest than is kept.
    """
    with transaction.atomic(using="gate", durable=True):
        row = _waiting(ruling.approval_id, at)
        if ruling.by == row.asked_by_id:
            raise ApprovalRefused(
                "same_person", Text("须由第二人审批，不能审批自己的申请", "a second person approves; not who asked")
            )
        if ruling.by == row.about_staff_id:
            raise ApprovalRefused(
                "concerned", Text("不能审批关于自己的申请", "nobody rules on what concerns themselves")
            )
        standing = _standing(row)
        _require_same(standing, ruling.digest)
        row.ruled_by_id, row.ruled_at, row.remark = ruling.by, at, ruling.remark
        _move(row, "approved" if ruling.approve else "refused", at)
        if carry_out is not None:
            carry_out(standing)
        if ruling.approve and carry_out is not None:
            _execute(row, at)


def withdraw_request(approval_id: int, by: int, at: datetime) -> None:
    """Whoever asked takes it back. Refuses: somebody else's, one that does not wait."""
    with transaction.atomic(using="gate", durable=True):
        row = _waiting(approval_id, at)
        if row.asked_by_id != by:
            raise ApprovalRefused("not_own", Text("只能撤回自己的申请", "only who asked takes it back"))
        _move(row, "withdrawn", at)


def use_approved(approval_id: int, wanted: Wanted, by: int, at: datetime, *, using: str = "gate") -> None:
    """Use up an approval for what is done now; the caller's transaction on `using` is open and does it.

    Refuses: none that is approved, used already, over, somebody else's, or for anything else than this.
    """
    row = _rows(using).filter(pk=approval_id).first()
    if row is None or row.state != "approved" or row.asked_by_id != by:
        raise ApprovalRefused(
            "not_approved",
            Text(
                "没有可用的批准（未批准、已用过或非本人申请）", "no approval to use: none, used already, or another's"
            ),
        )
    _require_in_time(row, at)
    _require_same(_standing(row), wanted.digest)
    _execute(row, at)


def _rows(using: str = "gate") -> Any:
    return Approval.objects.using(using).select_for_update(of=("self",)).order_by("id")


def _waiting(approval_id: int, at: datetime) -> Approval:
    row: Approval | None = _rows().filter(pk=approval_id).first()
    if row is None or row.state != "waiting":
        raise ApprovalRefused("not_waiting", _NOT_WAITING)
    _require_in_time(row, at)
    return row


def _require_in_time(row: Approval, at: datetime) -> None:
    if at >= row.expires_at:
        raise ApprovalRefused("expired", Text("申请已过期，请重新申请", "the request is over; help: ask anew"))
    if at < row.asked_at:
        raise ApprovalRefused("before_asked", Text("时间早于申请时间", "the instant lies before the request"))


def _require_same(standing: Standing, digest: str) -> None:
    """What is kept, what was seen and what is done are one thing."""
    if not standing.wanted.digest == standing.digest == digest:
        raise ApprovalRefused(
            "other_request",
            Text("所批内容与申请不一致，请重新打开", "this is not what was asked for; help: open the request anew"),
        )


def _standing(row: Approval) -> Standing:
    wanted = Wanted(row.act, row.lender_id, row.about_staff_id, row.request)
    asked = (row.asked_by_id, row.asked_at, row.expires_at)
    return Standing(int(row.pk), wanted, row.digest, *asked, row.state, row.ground)


def _execute(row: Approval, at: datetime) -> None:
    row.executed_at = at
    _move(row, "executed", at)


def _move(row: Approval, state: str, at: datetime) -> None:
    row.state = state
    row.save(update_fields=["state", "ruled_by", "ruled_at", "remark", "executed_at"])
    _log(row, at)


def _log(row: Approval, at: datetime) -> None:
    values = {
        "act": row.act,
        "lender": row.lender_id,
        "about": row.about_staff_id,
        "digest": row.digest,
        "asked_by": row.asked_by_id,
        "ground": row.ground,
        "state": row.state,
        "ruled_by": row.ruled_by_id,
        "remark": row.remark,
    }
    leaf = NewLeaf(LeafKind.APPROVAL, at, row.subject, values, source_id=row.pk, source_table="approval")
    leaves, salts = leaf_rows([leaf])
    Leaf.objects.using(row._state.db).bulk_create(leaves)
    Salt.objects.using(row._state.db).bulk_create(salts)
