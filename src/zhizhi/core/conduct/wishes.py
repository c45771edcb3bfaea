"""What a person asked to be spared: channels and numbers refused, places that do not suit, an employer's ban.

Law: CC 1032-1033 (private peace) and PIPL 15, 44, as rows ST-01 and ST-10 read them. Each answer is a feature: true,
false, or None where the case does not say.
"""

from datetime import datetime

from zhizhi.core.conduct.case import Statement
from zhizhi.core.conduct.view import CALL_CHANNELS, View

_WORK = "work"
_TO_A_POINT = frozenset({"voice", "ringless_voicemail", "sms", "im", "email", "letter", "visit"})
_TO_A_PLACE = frozenset({"voice", "ringless_voicemail", "letter", "visit"})
_STANDS_SOMEWHERE = frozenset({"landline", "postal", "place"})
_WRITTEN = frozenset({"sms", "im", "email", "app", "letter"})
_AT_THAT_EMPLOYER = frozenset({"debtor", "employer", "colleague"})


def refused_contact(view: View, at: datetime) -> bool:
    """Whether the party wants no further contact. Boundary: an attorney's request to stop speaks for the debtor."""
    return bool(_refusals_of_contact(view, at))


def refused_channel(view: View, at: datetime) -> bool:
    """Whether the party refused the channel. Boundary: who refuses calls refuses ringless voicemail too."""
    return bool(_refusals_of_channel(view, at))


def refused_point(view: View, at: datetime) -> bool | None:
    """Whether anybody refused the number or address, for every channel or this one."""
    named = _refusals_of_points(view, at)
    point = view.proposed.point
    if point is not None:
        return any(said.point == point for said in named)
    return None if _may_be_one_of(view, {said.point for said in named}) else False


def refused_texts(view: View, at: datetime) -> bool | None:
    """Whether anybody refused text messages to the number."""
    named = {said.point for said in view.said.standing("refuse_point", at) if said.channel in ("sms", None)}
    point = view.proposed.point
    return point in named if point is not None else None if _may_be_one_of(view, named) else False


def objected_use(view: View, at: datetime) -> bool | None:
    """Whether the use of the number, address or party was objected to."""
    named = {said.of for said in view.said.standing("object_use", at)}
    if view.party.id in named or view.proposed.point in named:
        return True
    return None if view.proposed.point is None and _may_be_one_of(view, named) else False


def confirmed_refusal(view: View, at: datetime) -> bool | None:
    """Whether the refusals that stand against the contact were confirmed: one confirmation each time is enough.

    Boundary: of several refusals the first counts. A message that did not arrive confirmed nothing; one whose purpose
    nobody wrote down may have.
    """
    point = view.proposed.point
    bear = [*_refusals_of_contact(view, at), *_refusals_of_channel(view, at)]
    bear += [said for said in _refusals_of_points(view, at) if point is None or said.point == point]
    since = min((said.received_at or said.at for said in bear), default=None)
    if since is None:
        return False
    found = [
        event
        for event in view.case.events
        if event.direction == "out" and event.party == view.party.id and since <= event.at <= at
    ]
    if any(event.purpose == "opt_out_confirmation" and event.outcome != "undelivered" for event in found):
        return True
    return None if any(event.purpose is None and event.channel in _WRITTEN for event in found) else False


def at_inconvenient_place(view: View, at: datetime) -> bool | None:
    """Whether the contact goes to, or finds the person at, a place where he asked not to be contacted."""
    named = {said.place for said in view.said.standing("inconvenient_place", at, by=view.party.id)}
    if not named:
        return False
    if not named.isdisjoint(_places(view)):
        return True
    return None if _place_unknown(view) else False


def at_prohibited_work(view: View, at: datetime) -> bool | None:
    """Whether the contact goes to a place or number of work although the employer prohibits it.

    Boundary: the ban concerns the debtor and who works beside him, and whoever reported it of himself. A mobile or
    mailbox that nobody calls the employer's is the person's own.
    """
    standing = view.said.standing("employer_prohibits", at)
    if view.party.role not in _AT_THAT_EMPLOYER:
        standing = [said for said in standing if said.by == view.party.id]
    if not standing:
        return False
    owner = view.point.owner if view.point is not None else None
    if owner == "employer" or _WORK in _places(view):
        return True
    return None if owner is None and _place_unknown(view) else False


def _refusals_of_contact(view: View, at: datetime) -> list[Statement]:
    speakers = {view.party.id}
    if view.party.role == "debtor":
        speakers |= {party.id for party in view.case.parties if party.role == "attorney"}
    ceased = [said for said in view.said.standing("cease", at) if said.by in speakers]
    return [*view.said.standing("refuse_contact", at, by=view.party.id), *ceased]


def _refusals_of_channel(view: View, at: datetime) -> list[Statement]:
    return [said for said in view.said.standing("refuse_medium", at, by=view.party.id) if said.channel in _meant(view)]


def _refusals_of_points(view: View, at: datetime) -> list[Statement]:
    meant = _meant(view)
    return [said for said in view.said.standing("refuse_point", at) if said.channel is None or said.channel in meant]


def _meant(view: View) -> frozenset[str]:
    """The channels whose refusal bears on the contact."""
    channel = view.proposed.channel
    return frozenset({channel, "voice"}) if channel in CALL_CHANNELS else frozenset({channel})


def _may_be_one_of(view: View, named: set[str | None]) -> bool:
    """Whether a contact that does not name its number or address may go to one of these."""
    own = {point.id for point in view.case.points if point.party == view.party.id}
    return view.proposed.channel in _TO_A_POINT and not own.isdisjoint(named)


def _places(view: View) -> set[str]:
    """Where the contact goes, and where the person is known to be."""
    stated = (view.proposed.place, view.proposed.known_place, view.point.place if view.point is not None else None)
    return {place for place in stated if place is not None}


def _place_unknown(view: View) -> bool:
    """Whether the contact goes to some place that the case does not name. What moves with its owner has none."""
    point = view.point
    if view.proposed.place is not None or (point is not None and point.place is not None):
        return False
    return view.proposed.channel in _TO_A_PLACE if point is None else point.kind in _STANDS_SOMEWHERE
