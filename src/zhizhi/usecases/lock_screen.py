"""A message to a number whose holder nobody has verified says nothing that others may not read on a lock screen.

House rule: a number that the debtor left with the lender and that has not turned out to be another's is verified. Every
other one gets the lender's wording of the class `lock_screen`, whichever was asked for; nothing where there is none.
"""

from dataclasses import replace

from zhizhi.core.kernel.text import Text
from zhizhi.store.snapshot import PersonFacts
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.store.words import LOCK_SCREEN_WORDING, SIGN_IN_WORDING
from zhizhi.usecases.proposal import Proposal
from zhizhi.usecases.refused import UseCaseRefused

ON_A_LOCK_SCREEN = ("sms", "im", "app")
MAY_NAME = ("lender",)
UNVERIFIED = Text(
    "号码持有人未经核实（非预留号码或已反映非本人），只能发锁屏安全的短信；"
    "本机构没有已批准的「锁屏安全」模板，请先起草并送审",
    "nobody verified who holds this number, so only a text that is safe on a lock screen may go there, and the lender"
    " has none that is approved; help: draft one of that class and have it approved",
)


def is_safe(template: ApprovedTemplate) -> bool:
    """Whether others may read it: of the class whose words are checked, or a code that names no person and no debt."""
    named = set(template.variables) <= set(MAY_NAME)
    checked = template.kind == LOCK_SCREEN_WORDING and named
    return not template.discloses_debt and (checked or template.kind == SIGN_IN_WORDING)


def with_safe_form(proposal: Proposal, person: PersonFacts) -> Proposal:
    """The proposal with a wording that is safe on a lock screen where the number needs one and the lender has one."""
    if not _wants_safe_form(proposal, person):
        return proposal
    wordings = load_approved(person.lender_id)
    safe = [one for one in wordings.values() if one.channel == proposal.channel and is_safe(one)]
    neutral = [one for one in safe if one.kind == LOCK_SCREEN_WORDING]
    return replace(proposal, template=min(neutral, key=lambda one: one.code)) if neutral else proposal


def require_safe_form(proposal: Proposal, person: PersonFacts) -> None:
    """Refuses: a wording that others may not read, for a number that nobody has verified."""
    if _wants_safe_form(proposal, person):
        raise UseCaseRefused("unverified_number", UNVERIFIED)


def _wants_safe_form(proposal: Proposal, person: PersonFacts) -> bool:
    if proposal.template is None or proposal.channel not in ON_A_LOCK_SCREEN or is_safe(proposal.template):
        return False
    return not any(
        point["id"] == f"m{proposal.point_id}" and point.get("reserved") is True and not point.get("misdirected")
        for point in person.document["points"]
    )
