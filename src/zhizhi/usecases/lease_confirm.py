"""Right before it rings the other system asks whether it still may: the one claim of a lease."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.leases.answers import Asked, forget_answers, kept_answer, load_answer
from zhizhi.store.leases.holding import (
    HeldLease,
    confirm_lease,
    ending_campaign,
    holding_lease,
    recall_lease,
    stopped_since,
)
from zhizhi.store.leases.minting import keep_answer
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.outbound.taking import call_falls
from zhizhi.store.outbound.words import WHY
from zhizhi.store.transact.gate import Receipt, commit_decisions
from zhizhi.usecases.lease import NUMBER_SCOPE
from zhizhi.usecases.lease_decide import decide_again
from zhizhi.usecases.lease_words import WHY_NOT, lease_named, refusal_document
from zhizhi.usecases.refused import UseCaseRefused

NO_SUCH_LEASE = Text("没有这个许可，或不在本令牌范围内", "there is no such lease, or it is not this token's")
NO_SUCH_CAMPAIGN = Text("没有这个活动", "there is no such campaign")
NOT_VALID = {
    "confirmed_before": Text(
        "该许可已确认过一次，不得重复拨打", "the lease was confirmed before: a number is rung once"
    ),
    "settled": Text("该次通话的结果已经记录", "the end of this call is known already"),
    "expired": Text("许可已过期，请重新租用", "the lease has expired; help: lease again"),
    "campaign_over": Text("活动已结束", "the campaign has ended"),
    "campaign_paused": Text("活动已暂停", "the campaign is paused"),
    "stop": Text("租用之后已停催", "collection was stopped since the lease"),
    "statement": Text("租用之后客户有新的意愿表示", "the person has said something since the lease"),
    "payment": Text("租用之后已有还款入账", "money came in since the lease"),
    "law": Text(
        "租用之后情况有变，规则不再允许", "things have changed since the lease, and the law permits it no more"
    ),
    "unknown_caller": Text("租用时指定的坐席已不在职", "the caller who was named is no longer active"),
    "partial_profile": WHY_NOT["partial_profile"],
    "bad_facts": WHY_NOT["bad_facts"],
    "placement_over": Text("租用之后案件已撤回或转手", "the case was taken back or changed hands since the lease"),
    "template_withdrawn": Text("租用之后所用话术已停用", "the script was withdrawn since the lease"),
    "creditor_unnoticed": Text(
        "租用之后债权人已变更，通知尚未送达（民法典 546）",
        "the creditor has changed since the lease, and the notice has not arrived (CC 546)",
    ),
    "untrue_claim": Text(
        "租用之后，话术所称的后果已不属实", "a consequence that the script claims is no longer true of the debt"
    ),
    "bulk_stop": Text("批量停催生效中", "a bulk stop is in force"),
    "house_rules": Text("租用之后机构内部规则已变", "the lender's house rules changed since the lease"),
    **WHY,
}


class NotFound(UseCaseRefused):
    """What the token names is not there, or not the token's: the two are not told apart."""


@dataclass(frozen=True, slots=True)
class ConfirmLease:
    """A system is about to ring."""

    bearer: Bearer
    lease: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class EndCampaign:
    """A system rings no more for a campaign."""

    bearer: Bearer
    name: str
    asked: Asked


def confirm(command: ConfirmLease, at: datetime) -> dict[str, Any]:
    """Whether it may ring now: `valid`, and the number where the token may see it; or why not, for good.

    Refuses: NotFound, a key of another request.
    """
    known = load_answer(command.asked)
    if known is not None:
        return known
    with holding_lease(command.bearer, *_named(command.lease)) as held:
        if held is None:
            raise NotFound("unknown_lease", NO_SUCH_LEASE)
        answer = _confirmed(command, held, at)
        keep_answer(kept_answer(command.asked, answer, at))
    return answer


def _named(lease: str) -> tuple[int, int]:
    named = lease_named(lease)
    if named is None:
        raise NotFound("unknown_lease", NO_SUCH_LEASE)
    return named


def _confirmed(command: ConfirmLease, held: HeldLease, at: datetime) -> dict[str, Any]:
    why = _why_not(held, at) or stopped_since(held, at)
    why = why or call_falls(held.lease.person_id, held.lease.permit_id, at)
    until = held.claimed.must_end_by
    said: dict[str, Any] = {}
    if why is None and held.is_overtaken:
        why, until, said = _asked_again(command, held, at)
    if why is not None:
        if held.lease.confirmed_at is None and held.lease.recalled_at is None:
            recall_lease(held, why, at)
        return {"valid": False, "lease": command.lease, "code": why, "explain": NOT_VALID[why].to_document()} | said
    confirm_lease(held, at)
    answer: dict[str, Any] = {"valid": True, "lease": command.lease, "must_end_by": until and until.isoformat()}
    return answer | ({"number": held.number()} if NUMBER_SCOPE in command.bearer.scopes else {})


def _asked_again(
    command: ConfirmLease, held: HeldLease, at: datetime
) -> tuple[str | None, datetime | None, dict[str, Any]]:
    """Why the law no longer permits it, until when the call may last, and what it says; a refusal is committed."""
    try:
        decision, decided = decide_again(command.bearer, held, at)
    except UseCaseRefused as refused:
        return refused.code, None, {}
    if decision.verdict != "permit":
        (receipt,) = commit_decisions([decided])
        assert isinstance(receipt, Receipt), "nobody else commits for a person that is held"
        return "law", None, refusal_document(decision)
    ends = [end for end in (held.claimed.must_end_by, decision.must_end_by) if end is not None]
    return None, min(ends, default=None), {}


def _why_not(held: HeldLease, at: datetime) -> str | None:
    lease = held.lease
    if lease.confirmed_at is not None:
        return "confirmed_before"
    if lease.recalled_because is not None:
        return lease.recalled_because
    if held.state not in ("claimed", "unknown"):
        return "settled"
    if not lease.leased_at <= at < lease.expires_at:
        return "expired"
    return "campaign_over" if held.is_over else held.came_between


def end(command: EndCampaign, at: datetime) -> dict[str, Any]:
    """End a campaign: nothing more is leased for it, and what was not confirmed is recalled.

    A recalled lease stays counted until a record says that it never rang. Refuses: NotFound.
    """
    known = load_answer(command.asked)
    if known is not None:
        return known
    with ending_campaign(command.bearer, command.name, at) as recalled:
        if recalled is None:
            raise NotFound("unknown_campaign", NO_SUCH_CAMPAIGN)
        answer = {"campaign": command.name, "recalled": recalled}
        keep_answer(kept_answer(command.asked, answer, at))
        forget_answers(at)
    return answer
