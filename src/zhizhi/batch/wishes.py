"""Features that statements settle: refusals, objections, consents, disputes, places that do not suit."""

from collections.abc import Callable, Mapping

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.joins import attach, latest
from zhizhi.batch.said import is_by_party, standing
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, column_of, surely

KINDS = {
    "party.refused": ("refuse_contact", "cease"),
    "party.refused_channel": ("refuse_medium",),
    "party.refusal_confirmed": ("refuse_contact", "cease", "refuse_medium", "refuse_point"),
    "party.offered_to_pay": ("offer_to_pay",),
    "point.refused": ("refuse_point",),
    "point.objected": ("object_use",),
    "contact.at_inconvenient_place": ("inconvenient_place",),
    "contact.at_prohibited_work": ("employer_prohibits",),
    "debts.disputed": ("dispute", "denies_debt"),
    "debts.claimed_paid": ("claims_paid",),
    "debtor.represented": ("represented_by_attorney",),
    "visit.consented": ("consent_visit",),
    "entry.consented": ("consent_entry",),
    "entry.employer_consented": ("consent_entry",),
}
"""The kinds of statement that settle a feature. Debts are disputed also by their state, which stands apart."""

CALLS = ("voice", "ringless_voicemail")
_TO_A_POINT = ("voice", "ringless_voicemail", "sms", "im", "email", "letter", "visit")
_TO_A_PLACE = ("voice", "ringless_voicemail", "letter", "visit")
_STANDS_SOMEWHERE = ("landline", "postal", "place")
_WRITTEN = ("sms", "im", "email", "app", "letter")
_AT_THAT_EMPLOYER = ("debtor", "employer", "colleague")


_READ_FROM = (
    "proposal", "person", "party", "point", "at_us", "seq", "channel", "place", "known_place", "contact_place",
    "point_place", "point_kind", "point_owner",
)  # fmt: skip


def with_wishes(scene: Scene, rows: Table, heard: Table, pairs: Table) -> Table:
    """Proposals with the features that statements settle; `heard`: those of persons who said something.

    Where nothing stands all are false.
    """
    asked_for = [name for name in KINDS if scene.demand.asks(name)]
    if not asked_for:
        return rows
    said = standing(pairs.filter(pairs.kind.isin(sorted({kind for name in asked_for for kind in KINDS[name]}))))
    naming = scene.said.filter(scene.said.said_point.notnull() | scene.said.of_point.notnull())
    points = scene.facts.points.semi_join(naming.select("person").distinct(), "person")
    owners = points.select("person", said_point="point", said_point_of="party")
    said = attach(said, owners, ["person", "said_point"])
    owners = points.select("person", of_point="point", of_point_of="party")
    said = attach(said, owners, ["person", "of_point"])
    said = scene.plan.step("standing", said)
    flags = {name: surely(column) for name, column in _flags(said).items()}
    found = said.group_by("proposal").agg(
        **{name: column.any() for name, column in flags.items()},
        refused_since_us=said.since_us.min(where=_refusal(said)),
    )
    spoken = attach(heard.select(*_READ_FROM).inner_join(found, "proposal"), _told(said))
    if scene.demand.asks("party.refusal_confirmed"):
        fills = {"confirmed": False, "maybe_confirmed": False}
        spoken = attach(spoken, _confirmed(scene, spoken), fills=fills)
    features = {column_of(name): _FEATURES[name](spoken) for name in asked_for}
    rows = attach(rows, scene.plan.step("wishes", spoken.select("proposal", spoken=YES, **features)))
    return rows.mutate(**{name: ibis.ifelse(rows.spoken.isnull(), NO, rows[name]) for name in features})


def _refuses_contact(said: Table) -> Column:
    attorney = (said.role == "debtor") & (said.by_role == "attorney")
    return ((said.kind == "refuse_contact") & is_by_party(said)) | (
        (said.kind == "cease") & (is_by_party(said) | surely(attorney))
    )


def _refuses_channel(said: Table) -> Column:
    return (said.kind == "refuse_medium") & is_by_party(said) & _meant(said)


def _refuses_point(said: Table) -> Column:
    return (said.kind == "refuse_point") & (said.said_channel.isnull() | _meant(said))


def _meant(said: Table) -> Column:
    """Whether the refusal of a channel bears on the contact. Boundary: who refuses calls refuses ringless voicemail."""
    return surely((said.said_channel == said.channel) | (said.channel.isin(CALLS) & (said.said_channel == "voice")))


def _refusal(said: Table) -> Column:
    """Refusals that a contact with this party, by this channel, to this point or an unnamed one, runs into."""
    here = said.point.isnull() | (said.said_point == said.point)
    return surely(_refuses_contact(said) | _refuses_channel(said) | (_refuses_point(said) & here))


def _flags(said: Table) -> dict[str, Column]:
    """What each statement that stands says, to be true for a proposal where one of them says it."""
    kind, by_party = said.kind, is_by_party(said)
    here = said.said_place == said.contact_place
    unsuited = (kind == "inconvenient_place") & by_party
    entry, employer = kind == "consent_entry", said.by_role == "employer"
    return {
        "refused": _refuses_contact(said),
        "refused_channel": _refuses_channel(said),
        "refused_this_point": _refuses_point(said) & (said.said_point == said.point),
        "refused_own_point": _refuses_point(said) & (said.said_point_of == said.party),
        "offered": (kind == "offer_to_pay") & by_party,
        "objected": (kind == "object_use") & (surely(said.of_party == said.party) | (said.of_point == said.point)),
        "objected_own": (kind == "object_use") & (said.of_point_of == said.party),
        "unsuited_named": unsuited,
        "unsuited_here": unsuited
        & (
            surely(said.said_place == said.place)
            | surely(said.said_place == said.known_place)
            | (said.said_place == said.point_place)
        ),
        "work_banned": (kind == "employer_prohibits") & (said.role.isin(_AT_THAT_EMPLOYER) | by_party),
        "disputed": kind.isin(["dispute", "denies_debt"]),
        "claimed_paid": kind == "claims_paid",
        "represented": (kind == "represented_by_attorney") & said.by_role.isin(["debtor", "attorney"]),
        "visit_given": (kind == "consent_visit") & by_party,
        "visit_given_here": (kind == "consent_visit") & by_party & here,
        "entry_given": entry & by_party,
        "entry_given_here": entry & by_party & here,
        "employer_gave": entry & employer,
        "employer_gave_here": entry & employer & here,
    }


def _told(said: Table) -> Table:
    """Whether the latest consent to a visit at the place told its purpose and consequences."""
    given = said.filter(
        (said.kind == "consent_visit") & is_by_party(said) & surely(said.said_place == said.contact_place)
    )
    given = latest(given, ("proposal",), "said_seq")
    return given.select("proposal", told=given.purpose_told & given.consequences_told)


def _confirmed(scene: Scene, rows: Table) -> Table:
    """Whether a message after the first refusal confirmed it, or may have."""
    refused = rows.filter(rows.refused_since_us.notnull()).select(
        "proposal", "person", "party", "at_us", "seq", "refused_since_us"
    )
    refused, events = scene.plan.step("refused", refused), scene.facts.events
    events = events.filter(events.direction == "out").select(
        "person", "party", "outcome", "purpose", e_us="at_us", e_seq="seq", e_channel="channel"
    )
    sent = refused.inner_join(events, ["person", "party"])
    sent = sent.filter(
        (sent.refused_since_us <= sent.e_us) & (sent.e_us <= sent.at_us) & (sent.seq.isnull() | (sent.e_seq < sent.seq))
    )
    arrived = sent.outcome.fill_null("") != "undelivered"
    return sent.group_by("proposal").agg(
        confirmed=(surely(sent.purpose == "opt_out_confirmation") & arrived).any(),
        maybe_confirmed=(sent.purpose.isnull() & sent.e_channel.isin(_WRITTEN)).any(),
    )


def _unless_known(certain: Column, unknown: Column) -> Column:
    """True where certain, not known where unknown, else false."""
    return ibis.cases((certain, YES), (unknown, ibis.null("boolean")), else_=NO)


def _place_unknown(rows: Table) -> Column:
    """Whether the contact goes to some place that nobody names. What moves with its owner has none."""
    stands = ibis.ifelse(rows.point.isnull(), rows.channel.isin(_TO_A_PLACE), rows.point_kind.isin(_STANDS_SOMEWHERE))
    return rows.place.isnull() & rows.point_place.isnull() & surely(stands)


def _given(rows: Table, given: str) -> Column:
    """Whether consent was given for the place; not known where it was given and the place is not."""
    return ibis.ifelse(rows.contact_place.isnull(), _unless_known(NO, rows[given]), rows[f"{given}_here"])


def _at_work(rows: Table) -> Column:
    work = surely(rows.place == "work") | surely(rows.known_place == "work") | surely(rows.point_place == "work")
    there = rows.work_banned & (surely(rows.point_owner == "employer") | work)
    return _unless_known(there, rows.work_banned & rows.point_owner.isnull() & _place_unknown(rows))


def _visit(rows: Table) -> Column:
    """Boundary: of several consents for the place the latest counts."""
    return ibis.cases(
        (rows.contact_place.isnull(), _unless_known(NO, rows.visit_given)), (rows.visit_given_here, rows.told), else_=NO
    )


def _to_a_point(rows: Table) -> Column:
    return rows.point.isnull() & rows.channel.isin(_TO_A_POINT)


_FEATURES: Mapping[str, Callable[[Table], Column]] = {
    "party.refused": lambda rows: rows.refused,
    "party.refused_channel": lambda rows: rows.refused_channel,
    "party.refusal_confirmed": lambda rows: _unless_known(
        rows.refused_since_us.notnull() & rows.confirmed, rows.refused_since_us.notnull() & rows.maybe_confirmed
    ),
    "party.offered_to_pay": lambda rows: rows.offered,
    "point.refused": lambda rows: _unless_known(rows.refused_this_point, _to_a_point(rows) & rows.refused_own_point),
    "point.objected": lambda rows: _unless_known(rows.objected, _to_a_point(rows) & rows.objected_own),
    "contact.at_inconvenient_place": lambda rows: _unless_known(
        rows.unsuited_here, rows.unsuited_named & _place_unknown(rows)
    ),
    "contact.at_prohibited_work": _at_work,
    "debts.disputed": lambda rows: rows.disputed,
    "debts.claimed_paid": lambda rows: rows.claimed_paid,
    "debtor.represented": lambda rows: rows.represented,
    "visit.consented": _visit,
    "entry.consented": lambda rows: _given(rows, "entry_given"),
    "entry.employer_consented": lambda rows: _given(rows, "employer_gave"),
}
assert _FEATURES.keys() == KINDS.keys(), "every feature has its kinds of statement and its reading"
