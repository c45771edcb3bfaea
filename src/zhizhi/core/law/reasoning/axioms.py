"""Relations between features that every contact obeys, each with its reason; the solver may choose nothing else.

An axiom that a real contact violates would make a proof worthless: `tests/property/test_reasoning_axioms.py` checks
each of them against records of generated cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.reasoning.smt import Term, conj, disj, implies, neg
from zhizhi.core.law.reasoning.symbols import Symbols

ALWAYS_KNOWN = (
    "contact.channel contact.form contact.robot contact.purpose contact.continues contact.replies contact.reminder "
    "contact.first party.role party.professional party.refused party.refused_channel party.offered_to_pay "
    "point.misdirected collector.kind collector.person_acts debtor.state debts.state debts.disputed "
    "debts.claimed_paid debtor.represented case.complaint_open case.no_contact_order case.hardship "
    "case.unreachable_by_contract party.consumer point.employers debts.ceased consent.time reply.at_bad_time"
)
PROFESSIONALS = ("attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau")
LIABLE_ON_EVIDENCE = ("co_borrower", "guarantor", "spouse")
CONSUMERS = ("debtor", "co_borrower", "guarantor", "spouse", "guardian")
WITHOUT_CAPACITY = ("no_capacity", "limited_capacity", "minor")
TO_A_POINT = ("voice", "ringless_voicemail", "sms", "im", "email", "letter", "visit")


@dataclass(frozen=True, slots=True)
class Axiom:
    """A formula that holds for every contact, and why."""

    name: str
    why: str
    formula: Term


def feature_axioms(symbols: Symbols) -> Iterator[Axiom]:
    """Relations between features of the catalogue."""
    yield from _values(symbols)
    yield from _of_people(symbols)
    yield from _of_contact(symbols)
    yield from _of_points(symbols)
    yield from _of_places(symbols)
    yield from _of_wishes(symbols)


def _values(symbols: Symbols) -> Iterator[Axiom]:
    for name in ALWAYS_KNOWN.split():
        yield Axiom(f"known {name}", "a case cannot leave it open", symbols.known(name))
    for name, feature in FEATURES.items():
        known = symbols.known(name)
        if feature.type == "choice":
            values = [symbols.holds(name, value) for value in sorted(feature.values)]
            pairs = [neg(conj([one, other])) for n, one in enumerate(values) for other in values[:n]]
            yield Axiom(f"one {name}", "a choice has one value", conj([disj([neg(known), *values]), *pairs]))
        if feature.type == "integer":
            yield Axiom(f"natural {name}", "a case counts from nought", symbols.number(name) >= 0)


def _is(symbols: Symbols, feature: str, *values: str) -> Term:
    return disj(symbols.holds(feature, value) for value in values)


def _yes(symbols: Symbols, feature: str) -> Term:
    return conj([symbols.known(feature), symbols.holds(feature, True)])


def _no(symbols: Symbols, feature: str) -> Term:
    return conj([symbols.known(feature), symbols.holds(feature, False)])


def _unknown(symbols: Symbols, feature: str) -> Term:
    return neg(symbols.known(feature))


def _of_people(symbols: Symbols) -> Iterator[Axiom]:
    owes, role = "party.owes", "party.role"
    yes, no = _yes(symbols, owes), _no(symbols, owes)
    yield Axiom("professional", "it is a list of roles", symbols.holds("party.professional", True) == _is(
        symbols, role, *PROFESSIONALS
    ))  # fmt: skip
    yield Axiom("debtor owes", "the debtor owes", implies(_is(symbols, role, "debtor"), yes))
    heir, dead = _is(symbols, role, "heir"), symbols.holds("debtor.state", "deceased")
    yield Axiom("heir of the living", "nobody inherits from the living", implies(conj([heir, neg(dead)]), no))
    stands_for = disj([_is(symbols, role, *CONSUMERS), conj([heir, dead])])
    yield Axiom(
        "consumer", "a list of roles, and the heir of the dead", symbols.holds("party.consumer", True) == stands_for
    )
    lacks = _is(symbols, "debtor.state", *WITHOUT_CAPACITY)
    guardian = _is(symbols, role, "guardian")
    yield Axiom("guardian in need", "he acts for who lacks capacity", implies(conj([guardian, lacks]), yes))
    yield Axiom("guardian unneeded", "and for nobody else", implies(conj([guardian, neg(lacks)]), no))
    some = disj([_is(symbols, role, "debtor", *LIABLE_ON_EVIDENCE), heir, guardian])
    yield Axiom("strangers owe nothing", "who is on no list owes nothing", implies(neg(some), no))
    acts = symbols.holds("collector.person_acts", True)
    yield Axiom("machine alone", "without a person only a machine acts", implies(
        neg(acts), symbols.holds("contact.robot", True)
    ))  # fmt: skip
    for name in ("collector.trained_on", "collector.private_device", "collector.private_device_approved"):
        yield Axiom(f"nobody's {name}", "what nobody is has no date", implies(neg(acts), _unknown(symbols, name)))


def _of_contact(symbols: Symbols) -> Iterator[Axiom]:
    reminder, channel = symbols.holds("contact.reminder", True), "contact.channel"
    others = FEATURES["debts.state"].values - {"not_due"}
    yield Axiom("reminder", "a reminder, and no debt is due", implies(reminder, conj([
        symbols.holds("contact.purpose", "remind"), symbols.holds("debts.state", "not_due"),
        neg(_is(symbols, "debts.state", *sorted(others))),
    ])))  # fmt: skip
    continues, replies = symbols.holds("contact.continues", True), symbols.holds("contact.replies", True)
    yield Axiom("continuing replies", "who goes on with a call answers it", implies(continues, replies))
    disputed = symbols.holds("debts.state", "disputed")
    yield Axiom("disputed", "a disputed state is a dispute", implies(disputed, symbols.holds("debts.disputed", True)))
    yield Axiom("unverified", "what is to be verified is disputed", implies(
        neg(_no(symbols, "debts.unverified")), symbols.holds("debts.disputed", True)
    ))  # fmt: skip
    for name in ("reply.unspent", "reply.same_point", "reply.at_bad_time"):
        yield Axiom(f"{name} of a reply", "what answers nothing is no answer", implies(
            neg(replies), _no(symbols, name)
        ))  # fmt: skip
    asked, timed = "callback.requested", "callback.timed"
    possible = conj([symbols.holds(channel, "voice"), symbols.holds("contact.purpose", "answer_request")])
    for name in (asked, timed):
        yield Axiom(f"{name} of a call", "only a call that answers a request is one", implies(
            neg(possible), _no(symbols, name)
        ))  # fmt: skip
    yield Axiom("timed is requested", "it is one of those asked for", implies(
        _yes(symbols, timed), _yes(symbols, asked)
    ))  # fmt: skip
    yield Axiom("requested or not timed", "without any there is none timed", implies(
        _no(symbols, asked), _no(symbols, timed)
    ))  # fmt: skip


def _of_points(symbols: Symbols) -> Iterator[Axiom]:
    named = symbols.situation("point.named")
    to_a_point = _is(symbols, "contact.channel", *TO_A_POINT)
    yield Axiom("source of a point", "what is not named has no source", implies(
        neg(named), _unknown(symbols, "point.source")
    ))  # fmt: skip
    yield Axiom("whose point", "what is not named was not found to be another's", implies(
        neg(named), _no(symbols, "point.misdirected")
    ))  # fmt: skip
    for name in ("point.refused", "point.objected"):
        open_ = _unknown(symbols, name)
        yield Axiom(f"open {name}", "only an unnamed point of such a channel leaves it open", implies(
            open_, conj([neg(named), to_a_point])
        ))  # fmt: skip
    yield Axiom("employer's point", "what is not named is nobody's", implies(
        symbols.holds("point.employers", True), named
    ))  # fmt: skip
    yield Axiom("wrote from", "from what is not named nobody knows", disj([
        _unknown(symbols, "point.wrote_from"), named
    ]))  # fmt: skip
    texts = "point.text_refused"
    yield Axiom("open texts", "only an unnamed point of such a channel leaves it open", implies(
        _unknown(symbols, texts), conj([neg(named), to_a_point])
    ))  # fmt: skip
    yield Axiom("texts to a point", "what is not named was not surely refused", implies(
        neg(named), neg(_yes(symbols, texts))
    ))  # fmt: skip
    yield Axiom("texts", "a message to a refused number is one to a number that refused texts", implies(
        symbols.holds("contact.channel", "sms"), conj([
            symbols.known(texts) == symbols.known("point.refused"),
            _yes(symbols, texts) == _yes(symbols, "point.refused"),
        ])
    ))  # fmt: skip
    yield Axiom("refused point", "what is not named was not surely refused", implies(
        neg(named), neg(_yes(symbols, "point.refused"))
    ))  # fmt: skip


def _of_places(symbols: Symbols) -> Iterator[Axiom]:
    nowhere = _unknown(symbols, "contact.place")
    for name in ("contact.at_inconvenient_place", "contact.at_prohibited_work", "entry.consented"):
        yield Axiom(f"place of {name}", "where the place is known, so is this", implies(
            _unknown(symbols, name), nowhere
        ))  # fmt: skip
    yield Axiom("employer's place", "where the place is known, so is this", implies(
        _unknown(symbols, "entry.employer_consented"), nowhere
    ))  # fmt: skip
    for name in ("visit.consented", "entry.consented", "entry.employer_consented"):
        yield Axiom(f"consent to a place: {name}", "a consent names its place", implies(
            nowhere, neg(_yes(symbols, name))
        ))  # fmt: skip
    employer = symbols.holds("party.role", "employer")
    yield Axiom("the employer himself", "his consent is the employer's", implies(
        conj([employer, _yes(symbols, "entry.consented")]), _yes(symbols, "entry.employer_consented")
    ))  # fmt: skip


def _of_wishes(symbols: Symbols) -> Iterator[Axiom]:
    confirmed = "party.refusal_confirmed"
    some = disj([
        symbols.holds("party.refused", True), symbols.holds("party.refused_channel", True),
        neg(_no(symbols, "point.refused")),
    ])  # fmt: skip
    yield Axiom("confirmed refusal", "where nothing is refused, nothing is confirmed", implies(
        conj([symbols.situation("point.named"), neg(some)]), _no(symbols, confirmed)
    ))  # fmt: skip
