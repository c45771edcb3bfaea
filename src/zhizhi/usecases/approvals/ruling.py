"""The second person's word: approve and carry out, or refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Ruling, Standing, load_standing, rule_request
from zhizhi.usecases.approvals.act import Act
from zhizhi.usecases.approvals.asking import require_for
from zhizhi.usecases.approvals.every import ACTS
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

REMARK_CHARACTERS_MIN = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruling on what the digest names, as the screen showed it; a refusal says why."""

    approval_id: int
    digest: str
    approve: bool
    by: int
    remark: str = ""


def rule(command: Rule, at: datetime, acts: Mapping[str, Act] = ACTS) -> None:
    """Approve, and carry out what is carried out at once; or refuse.

    Refuses: an act that this release does not know, NotAllowed (whoever rules; on approval also whoever asked, should
    they have left or changed roles since), a refusal without a word why, and whatever the request or the act refuses.
    """
    standing = load_standing(command.approval_id)
    act = acts.get(standing.wanted.act) if standing is not None else None
    if standing is None or act is None:
        raise UseCaseRefused("no_request", Text("没有这项申请", "there is no such request"))
    lender_id = standing.wanted.lender_id
    require_for(command.by, act.approves, lender_id)
    if command.approve:
        require_for(standing.asked_by, act.asks, lender_id)
    least = 0 if command.approve else REMARK_CHARACTERS_MIN
    remark = checked_text(command.remark, "remark", characters_min=least)
    ruling = Ruling(command.approval_id, command.digest, command.approve, command.by, remark)
    carry_out = act.carry_out if command.approve else act.set_aside

    def carried_out(approved: Standing) -> None:
        assert carry_out is not None, "asked only where there is one"
        carry_out(approved, at)

    rule_request(ruling, at, carried_out if carry_out is not None else None)
