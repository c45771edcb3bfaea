"""What a wished-for contact would claim of consequences that is not true of its debts, each claim with its reason."""

from collections.abc import Iterable, Sequence

from zhizhi.core.consequence.claims import NOTHING_KNOWN, OF_COURT, claims_in, untrue_of
from zhizhi.core.consequence.words import Claim
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.talk import contradicts, is_dunning
from zhizhi.store.snapshot import PersonFacts
from zhizhi.store.templates.approved import ApprovedTemplate

AGAINST_THE_FILE = Text(
    "与诉讼案卷所处的状态不符：协议或和解履行中不催收，没有在办案卷不以诉讼为由",
    "it contradicts the court file: an agreement is being kept, or no file is on its way",
)


def untrue_claims(
    facts: PersonFacts, template: ApprovedTemplate | None, purpose: str, debts: Sequence[int]
) -> tuple[Text, ...]:
    """Each claim that is not true of every debt of the contact, told with its reason; none: it may say what it says."""
    wording = f"{template.subject} {template.body}" if template is not None else ""
    claims = claims_in(wording) | {Claim(claim) for claim in (template.claims if template is not None else ())}
    if not is_dunning(purpose):
        claims -= OF_COURT
    truths = {debt: facts.truths.get(debt, NOTHING_KNOWN) for debt in debts}
    told = tuple(told_untrue(claim, why) for claim, why in untrue_of(claims, truths, purpose).items())
    if not told and contradicts(wording, purpose, [facts.court.get(debt) for debt in debts]):
        return (AGAINST_THE_FILE,)
    return told


def told_untrue(claim: Claim, why: Text) -> Text:
    """A claim with the reason why it may not be made."""
    return Text(f"不能说「{claim.label.zh}」：{why.zh}", f'not true: "{claim.label.en}", for {why.en}')


def joined(told: Iterable[Text]) -> Text:
    """Several of them in one text."""
    several = list(told)
    return Text("；".join(one.zh for one in several), "; ".join(one.en for one in several))
