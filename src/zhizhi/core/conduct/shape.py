"""The shape of a conduct case as tables: which keys each object has and needs, and what may stand there."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhizhi.core.conduct.words import (
    CHANNELS,
    DEBT_STATES,
    DEBTOR_STATES,
    LINE_RESULTS,
    MARKS,
    OUTCOMES,
    PLACES,
    POINT_KINDS,
    POINT_SOURCES,
    PROFILES,
    PURPOSES,
    RECORDINGS,
    ROLES,
    STATEMENT_KINDS,
    WEEKDAYS,
)

ID_CHARACTERS_MAX = 64
TEXT_CHARACTERS_MAX = 200
ITEMS_MAX = 5_000
COUNT_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What may stand under a key.

    `name`: text, flag, count, minor, day, instant, until, clock, choice, choices, texts, zones, object, objects.
    """

    name: str
    choices: frozenset[str] = frozenset()
    shape: "Shape | None" = None
    may_be_empty: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """One object: every key it may have, and those it must have."""

    keys: Mapping[str, Kind]
    needed: frozenset[str]


def _choice(values: tuple[str, ...]) -> Kind:
    return Kind("choice", frozenset(values))


def _choices(values: tuple[str, ...], may_be_empty: bool) -> Kind:
    return Kind("choices", frozenset(values), may_be_empty=may_be_empty)


TEXT, FLAG, COUNT, MINOR = Kind("text"), Kind("flag"), Kind("count"), Kind("minor")
DAY, INSTANT, UNTIL, CLOCK = Kind("day"), Kind("instant"), Kind("until"), Kind("clock")


def _shape(needed: str, **keys: Kind) -> Shape:
    return Shape({name.rstrip("_"): kind for name, kind in keys.items()}, frozenset(needed.split()))


def _states(states: tuple[str, ...]) -> Kind:
    return Kind(
        "objects",
        shape=_shape("state", state=_choice(states), since=UNTIL, until=UNTIL),
        may_be_empty=False,
    )


DEBTOR = _shape(
    "time_zones",
    time_zones=Kind("zones", may_be_empty=False),
    state=_choice(DEBTOR_STATES),
    states=_states(DEBTOR_STATES),
)
CASE_FACTS = _shape(
    "",
    complaint_open=FLAG,
    no_contact_order_until=UNTIL,
    suit_pending=FLAG,
    hardship_until=UNTIL,
    unreachable_by_contract=FLAG,
)
REVIEW = _shape(
    "rule at by until", rule=TEXT, at=INSTANT, by=TEXT, until=UNTIL, channels=_choices(CHANNELS, may_be_empty=False)
)
DEBT = _shape(
    "id lender",
    id=TEXT,
    lender=TEXT,
    product=TEXT,
    state=_choice(DEBT_STATES),
    states=_states(DEBT_STATES),
    group=TEXT,
    validation_ends_on=DAY,
    outstanding_minor=MINOR,
)
PARTY = _shape(
    "id role",
    id=TEXT,
    role=_choice(ROLES),
    named_by_debtor=FLAG,
    liability_evidence=FLAG,
    estate_value_minor=MINOR,
)
POINT = _shape(
    "id party kind",
    id=TEXT,
    party=TEXT,
    kind=_choice(POINT_KINDS),
    reserved=FLAG,
    source=_choice(POINT_SOURCES),
    place=_choice(PLACES),
    owner=_choice(("debtor", "employer")),
    invalid_since=INSTANT,
    misdirected=FLAG,
)
PERSON = _shape("id", id=TEXT, trained_on=DAY, certified_until=DAY, private_device=FLAG, private_device_approved=FLAG)
COLLECTOR = _shape(
    "kind id",
    kind=_choice(("lender", "agency")),
    id=TEXT,
    listed=FLAG,
    evaluated_on=DAY,
    inspected_on=DAY,
    contract_ends_on=DAY,
    person=Kind("object", shape=PERSON),
)
EVENT = _shape(
    "id at channel direction party",
    id=TEXT,
    at=INSTANT,
    channel=_choice(CHANNELS),
    video=FLAG,
    rcs=FLAG,
    direction=_choice(("out", "in", "internal")),
    party=TEXT,
    point=TEXT,
    debts=Kind("texts", may_be_empty=False),
    attributed_to=TEXT,
    form=_choice(("notification", "interactive")),
    robot=FLAG,
    by=TEXT,
    ring_seconds=COUNT,
    line_result=_choice(LINE_RESULTS),
    outcome=_choice(OUTCOMES),
    purpose=_choice(PURPOSES),
    talk_seconds=COUNT,
    exchanged=FLAG,
    about_debt=FLAG,
    physical=TEXT,
    in_reply_to=TEXT,
    on_call=TEXT,
    in_session=FLAG,
)
PROPOSED = _shape(
    "at channel direction party purpose",
    at=INSTANT,
    channel=_choice(CHANNELS),
    video=FLAG,
    rcs=FLAG,
    direction=_choice(("out", "in")),
    party=TEXT,
    point=TEXT,
    debts=Kind("texts", may_be_empty=False),
    attributed_to=TEXT,
    form=_choice(("notification", "interactive")),
    robot=FLAG,
    in_reply_to=TEXT,
    on_call=TEXT,
    in_session=FLAG,
    purpose=_choice(PURPOSES),
    discloses_debt=FLAG,
    identifies_collector=FLAG,
    names_principal=FLAG,
    opt_out_notice=FLAG,
    recording=_choice(RECORDINGS),
    team_size=COUNT,
    id_shown=FLAG,
    place=_choice(PLACES),
    enters_premises=FLAG,
    known_place=_choice(PLACES),
    content=_choices(MARKS, may_be_empty=True),
    expected_end_at=INSTANT,
)

STATEMENT_BASE = {
    "at": INSTANT,
    "by": TEXT,
    "kind": _choice(STATEMENT_KINDS),
    "told": TEXT,
    "received_at": INSTANT,
    "debt": TEXT,
}
STATEMENT_NEEDED = frozenset({"at", "by", "kind"})
_PLACE, _POINT, _CHANNEL = {"place": _choice(PLACES)}, {"point": TEXT}, {"channel": _choice(CHANNELS)}
_DAYS = {"days": _choices(WEEKDAYS, may_be_empty=False)}
STATEMENTS: Mapping[str, tuple[Mapping[str, Kind], frozenset[str]]] = {
    "agree_hours": (
        _DAYS
        | {"from": CLOCK, "to": CLOCK, "on": DAY, "until": UNTIL, "form": _choice(("specific", "standard_clause"))},
        frozenset({"from", "to", "form"}),
    ),
    "agree_frequency": ({"per_day": COUNT, "on": DAY, "until": UNTIL} | _POINT, frozenset({"per_day"})),
    "inconvenient_time": (_DAYS | {"from": CLOCK, "to": CLOCK, "until": UNTIL}, frozenset()),
    "inconvenient_place": (_PLACE, frozenset({"place"})),
    "refuse_contact": ({}, frozenset()),
    "refuse_medium": (_CHANNEL, frozenset({"channel"})),
    "refuse_point": (_POINT | _CHANNEL, frozenset({"point"})),
    "cease": ({}, frozenset()),
    "consent_calls": ({"from": DAY, "until": DAY}, frozenset()),
    "consent_time": ({"from": INSTANT, "until": INSTANT}, frozenset({"from", "until"})),
    "consent_visit": (
        _PLACE | {"purpose_told": FLAG, "consequences_told": FLAG, "on": DAY, "until": UNTIL},
        frozenset({"place"}),
    ),
    "consent_entry": (_PLACE, frozenset({"place"})),
    "request_callback": ({"from": INSTANT, "until": INSTANT} | _POINT, frozenset()),
    "offer_to_pay": ({}, frozenset()),
    "represented_by_attorney": ({}, frozenset()),
    "employer_prohibits": ({}, frozenset()),
    "verification_sent": ({}, frozenset()),
    "complain": ({}, frozenset()),
    "claims_paid": ({"amount_minor": MINOR, "on": DAY, "proof": FLAG}, frozenset()),
    "denies_debt": ({"why": _choice(("not_me", "fraud", "amount"))}, frozenset()),
    "object_use": ({"of": TEXT}, frozenset({"of"})),
    "dispute": ({"written": FLAG}, frozenset()),
    "withdraw": ({"of": _choice(STATEMENT_KINDS)} | _PLACE | _POINT | _CHANNEL, frozenset({"of"})),
}
STATEMENT_KEYS = frozenset(STATEMENT_BASE).union(*(keys for keys, _ in STATEMENTS.values()))
"""Keys that some kind of statement uses; one that the chosen kind does not use plays no part there."""

_IGNORED = {key: Kind("ignored") for key in ("title", "basis", "confidence", "cites", "notes", "expect")}
CASE = Shape(
    _IGNORED
    | {
        "id": TEXT,
        "profile": _choice(PROFILES),
        "reading": _choice(("strict", "text")),
        "debtor": Kind("object", shape=DEBTOR),
        "case": Kind("object", shape=CASE_FACTS),
        "reviews": Kind("objects", shape=REVIEW),
        "debts": Kind("objects", shape=DEBT, may_be_empty=False),
        "parties": Kind("objects", shape=PARTY, may_be_empty=False),
        "points": Kind("objects", shape=POINT),
        "collector": Kind("object", shape=COLLECTOR),
        "statements": Kind("statements"),
        "events": Kind("objects", shape=EVENT),
        "proposed": Kind("object", shape=PROPOSED),
    },
    frozenset(
        ["id", "profile", "debtor", "debts", "parties", "points", "collector", "statements", "events", "proposed"]
    ),
)
