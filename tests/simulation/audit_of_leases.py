"""The auditor's own model of what was promised about leases (docs/leases.md): counted until proven, asked about where
something should not be."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from simulation.broken import Broken
from simulation.ledger_of_rows import Rows
from simulation.truth import Confirmed, Leased, Reported, Truth

Check = Callable[[Truth, Rows], Iterator[Broken]]
CLOCKS_DIFFER = timedelta(seconds=2)
# How a contact ends of which this was reported.
ENDS = {
    "abandoned": "answered_dropped",
    "talked": "conversation",
    "no_answer": "no_answer",
    "busy": "busy",
    "rejected": "rejected",
}
Key = tuple[int, int]


def a_lease_counts_until_it_is_proven(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """From its first second a lease is a used permit; it comes back on proof alone that it never rang."""
    proven = truth.proven_quiet()
    for one in rows.each("a lease counts until it is proven that it never rang", truth.leased):
        permit = rows.permits[one.person, one.permit]
        if permit.used_at != permit.minted_at or permit.used_at is None:
            said = f"permit {permit.id} minted {permit.minted_at}, used {permit.used_at}"
            yield Broken("a lease counts from its first second", one.person, one.at, said)
        if permit.state != "used" and (one.person, one.permit) not in proven:
            yield Broken("a lease counts until it is proven that it never rang", one.person, one.at,
                         f"permit {permit.id} is {permit.state}")  # fmt: skip


def a_confirmation_is_asked_again(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """A lease is confirmed once, within its time, and not after words, money or a stop that came since."""
    leases = {(one.person, one.lease): one for one in truth.leased}
    told = defaultdict(list)
    for word in truth.told:
        if word.certain and word.kind not in NO_WORDS and not word.facts.get("repeated"):
            told[word.person].append(word)
    confirmed: set[Key] = set()
    for one in rows.each("a confirmation obeys what came since", truth.confirmed):
        if not one.is_valid:
            continue
        lease = leases[one.person, one.lease]
        if (one.person, one.lease) in confirmed:
            yield Broken("a lease is confirmed once", one.person, one.at, f"lease {one.lease}")
        confirmed.add((one.person, one.lease))
        if one.at >= lease.expires_at:
            said = f"lease {one.lease} until {lease.expires_at}"
            yield Broken("a lease is confirmed within its time", one.person, one.at, said)
        for word in told[one.person]:
            if lease.order < word.order < one.order and word.at > lease.at:
                yield Broken("a confirmation obeys what came since", one.person, one.at, f"{word.kind} at {word.at}")


NO_WORDS = {"promise", "settled", "hold_ruled", "lifted"}


def what_was_reported_is_a_contact(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """An end that was reported is a contact with that end: a call that was taken and abandoned too."""
    by_hand = {(one.person, one.facts["permit"]) for one in truth.told if one.kind == "settled"}
    for key, reports in _reports(truth).items():
        ends = [one for one in reports if one.kind in ENDS and not one.number_differs]
        before = [one for one in reports if one.kind == "never_rang"]
        if not ends or not ends[0].certain or (before and before[0].order < ends[0].order):
            continue
        first = ends[0]
        rows.checked["what was reported is a contact"] += 1
        contact = rows.contacts.get(key)
        if contact is None:
            if rows.permits[key].state != "released" or key not in by_hand:
                yield Broken("what was reported is a contact", first.person, first.at, f"{first.kind}, permit {key[1]}")
        elif key not in by_hand and contact.outcome != ENDS[first.kind]:
            said = f"{first.kind} became {contact.outcome}, permit {key[1]}"
            yield Broken("what was reported is a contact", first.person, first.at, said)


def _reports(truth: Truth) -> dict[Key, list[Reported]]:
    found: dict[Key, list[Reported]] = defaultdict(list)
    for one in truth.reported:
        found[one.person, one.permit].append(one)
    return found


def what_should_not_be_is_asked_about(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """A call unconfirmed or outside its time, to another number, on a permit given back, or with two ends: each opens
    an inquiry, once; and nothing else does."""
    leases = {(one.person, one.permit): one for one in truth.leased}
    confirmed: dict[Key, list[Confirmed]] = defaultdict(list)
    for one in truth.confirmed:
        confirmed[one.person, one.permit].append(one)
    back_by_hand = {(one.person, one.facts["permit"]): one.order for one in truth.told
                    if one.kind == "settled" and not one.facts["left"]}  # fmt: skip
    found = {(row[0], row[1], row[2]): row[3] for row in rows.ask(_INQUIRIES)}
    surely: dict[tuple[int, int, str], datetime] = {}
    perhaps: set[tuple[int, int, str]] = set()
    for key, reports in _reports(truth).items():
        for kind, at, certain in _odd(leases[key], confirmed[key], reports, back_by_hand.get(key)):
            perhaps.add((*key, kind))
            if certain:
                surely[*key, kind] = at
    rows.checked["what should not be is asked about"] += len(surely)
    for (person, permit, kind), at in surely.items():
        if (person, permit, kind) not in found:
            yield Broken("what should not be is asked about", person, at, f"{kind}, permit {permit}")
    for (person, permit, kind), at in rows.each("nothing else is asked about", found.items()):
        if (person, permit, kind) not in perhaps:
            yield Broken("nothing else is asked about", person, at, f"{kind}, permit {permit}")


_INQUIRIES = "SELECT person_id, permit_id, kind, opened_at FROM breach_inquiry WHERE source = 'leases'"


def _odd(
    lease: Leased, confirmed: list[Confirmed], reports: list[Reported], back_by_hand: int | None
) -> Iterator[tuple[str, datetime, bool]]:
    """What is odd about the reports of a lease, in their order: kind, instant, and whether that is certain."""
    given_back = back_by_hand
    ends: list[Reported] = []
    for one in reports:
        if one.kind == "never_rang":
            given_back = given_back or one.order
            continue
        assert one.began_at is not None, "whoever rang knows when"
        before = [asked for asked in confirmed if asked.order < one.order and asked.is_valid is not False]
        is_sure = one.certain and all(asked.is_valid for asked in before)
        in_time = lease.at - CLOCKS_DIFFER <= one.began_at < lease.expires_at + CLOCKS_DIFFER
        if given_back is not None and given_back < one.order:
            yield "released_permit", one.at, one.certain
        if one.number_differs:
            yield "number_differs", one.at, one.certain
        if not before or not in_time:
            yield "record_without_permit", one.at, one.certain
        elif not is_sure:
            yield "record_without_permit", one.at, False
        if one.kind in ENDS:
            other = [end for end in ends if end.kind != one.kind]
            if other:
                yield "outcome_differs", one.at, one.certain and any(end.certain for end in other)
            if not one.number_differs:
                ends.append(one)


STANDING: tuple[Check, ...] = (
    a_lease_counts_until_it_is_proven,
    a_confirmation_is_asked_again,
    what_was_reported_is_a_contact,
    what_should_not_be_is_asked_about,
)
AT_REST: tuple[Check, ...] = ()
