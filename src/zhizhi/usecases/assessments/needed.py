"""Of which activities a contact is: each needs an approved impact assessment before it begins (docs/assessments.md)."""

from zhizhi.store import channels
from zhizhi.store.assessments.words import PLACEMENT, SCORING, SPEECH, VISITS
from zhizhi.store.snapshot import PersonFacts

RECORDED = "on"


def activities_of(person: PersonFacts, channel: str, *, is_automated: bool) -> frozenset[str]:
    """The activities. `is_automated`: a strategy chose the person and the hour, nobody at a desk or for a campaign.

    Law: S.A-28 (PIPL 55): placement (S.A-10); automated decisions (S.A-13, S.A-35); speech that is recorded (S.A-34),
    by the lender's own system or by ours; visits (S.A-32).
    """
    found = {
        PLACEMENT: person.agency_id is not None,
        SCORING: is_automated,
        SPEECH: channel == "voice" and (person.recorder == RECORDED or channels.gateway_of("voice") == channels.SIP),
        VISITS: channel == "visit",
    }
    return frozenset(activity for activity, applies in found.items() if applies)
