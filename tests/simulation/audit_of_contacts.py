"""The auditor's own model of what was promised about contacts: plain words, his own numbers, what really happened.

The numbers are read from the collected rows of the law, never from the packs:
GBT-016 and CBA-010 (no collection from 22:00 to 08:00), GBT-027 and GBT-025 (three valid calls a day, valid from six
seconds on), CBA-012 (six dials of one number a day), GBT-012, CBA-016 to CBA-021 (third persons), GBT-013 (their
refusal), ST-01 (a medium that was refused).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulation.broken import Broken
from simulation.ledger_of_rows import Permit, Rows
from simulation.truth import Departure, Dial, Ring, Told, Truth

CHINA = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = time(8), time(22)
VALID_SECONDS = 6
DIALS_A_NUMBER = 6
OF_THE_STANDARD = {"cn.consumer_finance.online", "cn.consumer_finance.online.cba", "cn.microloan", "cn.bank.online"}
OF_THE_ASSOCIATION = {"cn.consumer_finance.online.cba", "cn.bank.card", "cn.bank.online"}
PULLS_BACK = {"payment", "refuse_medium", "stop", "complain", "agree_hours", "claims_paid", "dispute"}
TAKEN = {"talked", "abandoned"}
THIRD = {"contact", "relative", "colleague", "employer", "other"}
CLOCKS_DIFFER = timedelta(seconds=5)
Check = Callable[[Truth, Rows], Iterator[Broken]]


def left_with_a_permit(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Nothing leaves without a permit that was minted before, is valid at that instant, and for this very content."""
    for one in rows.each("a message leaves with a valid permit, for its very content", truth.departures):
        permit = _permit_of(one, rows)
        if permit is None:
            yield Broken("a message leaves with a permit", one.person, one.at, f"message {one.message} has none")
        elif not permit.minted_at <= one.at + CLOCKS_DIFFER or not permit.not_before <= one.at < permit.expires_at:
            said = f"message {one.message}, permit {permit.id} from {permit.not_before} to {permit.expires_at}"
            yield Broken("a permit is valid when its message leaves", one.person, one.at, said)
        elif _digest(one) != permit.digest:
            yield Broken("what leaves is what was permitted", one.person, one.at, f"permit {permit.id}")
        elif (permit.channel, permit.party) != (one.channel, one.party):
            yield Broken("it leaves where it was permitted", one.person, one.at, f"permit {permit.id}")


def _permit_of(one: Departure, rows: Rows) -> Permit | None:
    person, _, permit = one.key.partition("-")
    return rows.permits.get((int(person), int(permit))) if person == str(one.person) else None


def _digest(one: Departure) -> str:
    text = json.dumps(one.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def left_once(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """A permit is for one contact."""
    seen: dict[str, Departure] = {}
    for one in rows.each("a permit is for one contact", truth.departures):
        if one.key in seen:
            yield Broken("a permit is for one contact", one.person, one.at, f"{seen[one.key].message}, {one.message}")
        seen[one.key] = one
    dialled: set[tuple[int, int]] = set()
    for dial in rows.each("a permit is for one contact", truth.dials):
        if (dial.person, dial.permit) in dialled:
            yield Broken("a permit is for one contact", dial.person, dial.at, f"permit {dial.permit} dialled twice")
        dialled.add((dial.person, dial.permit))


def never_at_night(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """From 22:00 to 08:00 nobody is contacted, and a call has ended by then (GBT-016, CBA-010); nobody of the
    simulation agrees to hours of the night."""
    for one in rows.each("nobody is contacted at night", truth.departures):
        if not OPENS <= one.at.astimezone(CHINA).time() < CLOSES:
            yield Broken("nobody is contacted at night", one.person, one.at, f"message {one.message}")
    for dial in rows.each("nobody is contacted at night", _dials(truth, rows)):
        ends = dial.ended_at.astimezone(CHINA)
        begins = dial.at.astimezone(CHINA)
        day_ends = datetime.combine(begins.date(), CLOSES, CHINA)
        if begins.time() < OPENS or ends > day_ends:
            yield Broken("nobody is contacted at night", dial.person, dial.at, f"call of permit {dial.permit}")


def not_outside_what_was_agreed(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Hours that a debtor agreed to replace the day's for the debtor; the latest agreement holds (GBT-016)."""
    agreements = defaultdict(list)
    for one in truth.told:
        if one.kind == "agree_hours" and one.certain:
            agreements[one.person].append(one)
    for order, at, person, what in _begun(truth, rows):
        permit = rows.permits[person, int(what.rpartition(" ")[2])]
        known = [one for one in agreements[person] if one.order < order]
        if not known or rows.roles[person, permit.party] != "debtor":
            continue
        rows.checked["agreed hours are kept"] += 1
        latest = known[-1]
        clock = f"{at.astimezone(CHINA):%H:%M}"
        if not latest.facts["from"] <= clock < latest.facts["to"]:
            said = f"{what} at {clock}, agreed {latest.facts['from']} to {latest.facts['to']}"
            yield Broken("agreed hours are kept", person, at, said)


def _begun(truth: Truth, rows: Rows) -> Iterator[tuple[int, datetime, int, str]]:
    """Contacts that left, by the moment at which their permit was taken."""
    left = {(one.person, int(one.key.partition("-")[2])): one.at for one in truth.departures}
    left |= {(one.person, one.permit): one.at for one in truth.dials}
    for claim in truth.claims:
        at = left.get((claim.person, claim.permit))
        if at is not None:
            permit = rows.permits[(claim.person, claim.permit)]
            yield claim.order, at, claim.person, f"{permit.channel} of permit {permit.id}"
    for ring in _rung(truth):
        assert ring.confirmed is not None, "only these are asked for"
        yield ring.confirmed, ring.at, ring.person, f"voice of permit {ring.permit}"


def _rung(truth: Truth) -> Iterator[Ring]:
    """Calls of diallers that did what they were told; of which nobody said since that they never were."""
    quiet = truth.proven_quiet()
    for one in truth.rings:
        if one.confirmed is not None and (one.person, one.permit) not in quiet:
            yield one


def _dials(truth: Truth, rows: Rows) -> Iterator[Dial]:
    """Calls of desks and diallers."""
    yield from truth.dials
    for one in _rung(truth):
        contact = rows.contacts.get((one.person, one.permit))
        yield Dial(one.order, one.at, one.ended_at, one.person, one.permit, one.number, one.is_answered,
                   one.talk_seconds, contact.outcome if contact else None)  # fmt: skip


def within_the_caps(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Three valid calls a day with one debtor (GBT-027), fewer where the house works under fewer; six dials of one
    number (CBA-012)."""
    spared = {one.person for one in truth.told if one.kind == "request_callback"}
    talks: dict[tuple[int, str], list[Dial]] = defaultdict(list)
    dials: dict[tuple[int, str, str], list[Dial]] = defaultdict(list)
    for dial in _dials(truth, rows):
        day = f"{dial.at.astimezone(CHINA):%Y-%m-%d}"
        dials[dial.person, dial.number, day].append(dial)
        is_debtor = rows.roles[dial.person, rows.permits[dial.person, dial.permit].party] == "debtor"
        if is_debtor and dial.recorded in ("conversation", None) and dial.talk_seconds >= VALID_SECONDS:
            talks[dial.person, day].append(dial)
    for (person, _), calls in rows.each("no more valid calls a day", talks.items()):
        if rows.profiles[person] not in OF_THE_STANDARD or person in spared:
            continue
        for n, call in enumerate(sorted(calls, key=lambda one: one.order), 1):
            most = _calls_a_day(truth, rows.permits[person, call.permit].minted_at)
            if n > most:
                yield Broken("no more valid calls a day", person, call.at, f"call {n} of {most}, permit {call.permit}")
    for (person, _, _), calls in rows.each("no more dials of one number", dials.items()):
        if rows.profiles[person] in OF_THE_ASSOCIATION and len(calls) > DIALS_A_NUMBER and person not in spared:
            yield Broken("no more dials of one number", person, calls[-1].at, f"{len(calls)} dials")


def _calls_a_day(truth: Truth, minted_at: datetime) -> int:
    return min([3, *(one.calls_a_day for one in truth.law if one.at < minted_at)])


def silence_after_words(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """What was recorded before a permit was taken is obeyed: a refusal, a death, a stop, money, a complaint."""
    said: dict[int, list[Told]] = defaultdict(list)
    for one in truth.told:
        if one.certain:
            said[one.person].append(one)
    for order, at, person, what in rows.each("silence after words", _begun(truth, rows)):
        permit = rows.permits[person, int(what.rpartition(" ")[2])]
        for why in _forbids([one for one in said[person] if one.order < order], permit, at, rows):
            yield Broken("silence after words", person, at, f"{what} after {why}")


def _forbids(known: list[Told], permit: Permit, at: datetime, rows: Rows) -> Iterator[str]:
    is_debtor = rows.roles[permit.person, permit.party] == "debtor"
    refused: dict[str, Told] = {}
    stops: dict[str, Told] = {}
    for one in known:
        if one.at > permit.minted_at and one.kind in PULLS_BACK and not one.facts.get("repeated"):
            yield f"{one.kind} recorded at {one.at}, permitted at {permit.minted_at}"
        if one.kind == "refuse_medium":
            refused[one.facts["channel"]] = one
        if one.kind == "withdraw":
            refused.clear()
        if one.kind == "stop":
            stops[one.facts["stop"]] = one
        if one.kind == "lifted":
            stops.pop(one.facts["stop"], None)
        if one.kind == "refuse_contact" and one.facts["by"] == permit.party:
            yield f"this party refused at {one.at}"
        if one.kind == "payment" and one.facts["exit"] == "settled" and permit.purpose == "collect":
            yield f"everything was paid at {one.at}"
    if is_debtor and permit.channel in refused:
        yield f"this medium was refused at {refused[permit.channel].at}"
    if is_debtor and "deceased" in stops:
        yield f"death was known at {stops['deceased'].at}"
    if "no_contact_order" in stops:
        yield f"a no-contact order was known at {stops['no_contact_order'].at}"
    resting = [one for one in stops.values() if one.facts["until"] is None or one.facts["until"] > permit.minted_at]
    if (permit.run is not None or permit.campaign is not None) and resting:
        yield f"the case was stopped at {resting[0].at}"


def third_persons(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Who owes nothing is called only where the debtor is lost: three failed dials before (GBT-012, CBA-016 to 019).

    After a death somebody may be asked once who the heirs are, so there is nothing that surely holds.
    """
    tries = _tries(truth)
    imported = dict(rows.ask(_FAILED_BEFORE))
    died = dict(rows.ask(_DIED))
    for dial in truth.dials:
        role = rows.roles[dial.person, rows.permits[dial.person, dial.permit].party]
        if role not in THIRD or (dial.person in died and died[dial.person] < dial.at):
            continue
        rows.checked["third persons only where the debtor is lost"] += 1
        before = [one for one in tries[dial.person] if one.order < dial.order and _is_debtors(one, rows)]
        taken = [n for n, one in enumerate(before) if one.is_answered and one.known < dial.order]
        failed = len(before) - (taken[-1] + 1 if taken else 0)
        if failed + imported.get(dial.person, 0) < 3:
            yield Broken("third persons only where the debtor is lost", dial.person, dial.at, f"permit {dial.permit}")


@dataclass(frozen=True, slots=True)
class Try:
    """A call, and since when anybody may know that it was taken."""

    order: int
    person: int
    permit: int
    is_answered: bool
    known: int


def _tries(truth: Truth) -> dict[int, list[Try]]:
    """Calls of desks, and leases, of which anything may be true until somebody reports."""
    answered = {(one.person, one.permit): one.order for one in reversed(truth.reported) if one.kind in TAKEN}
    found: dict[int, list[Try]] = defaultdict(list)
    for dial in truth.dials:
        found[dial.person].append(Try(dial.order, dial.person, dial.permit, dial.is_answered, dial.order))
    for one in truth.leased:
        known = answered.get((one.person, one.permit))
        found[one.person].append(Try(one.order, one.person, one.permit, known is not None, known or 0))
    return {person: sorted(tries, key=lambda one: one.order) for person, tries in found.items()}


def _is_debtors(one: Try, rows: Rows) -> bool:
    return rows.roles[one.person, rows.permits[one.person, one.permit].party] == "debtor"


_DIED = "SELECT person_id, min(from_at) FROM stop WHERE kind = 'deceased' GROUP BY 1"
_FAILED_BEFORE = """
SELECT c.person_id, count(*) FROM contact c JOIN party t ON t.person_id = c.person_id AND t.id = c.party_id
WHERE c.permit_id IS NULL AND c.direction = 'out' AND c.channel = 'voice' AND t.role = 'debtor'
  AND c.outcome IN ('no_answer', 'busy', 'not_in_service') GROUP BY 1
"""


def nothing_is_forgotten(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """What left stays counted: its permit is used, and every later decision about the person has it before it."""
    left: dict[int, set[Permit]] = defaultdict(set)
    for _, at, person, what in _begun(truth, rows):
        permit = rows.permits[person, int(what.rpartition(" ")[2])]
        if permit.state != "used":
            yield Broken("what left stays counted", person, at, f"{what} is {permit.state}")
        left[person].add(permit)
    for one in truth.leased:
        left[one.person].add(rows.permits[one.person, one.permit])
    asked_again = {(one.person, one.at, one.permit) for one in truth.confirmed}  # its own permit is not in the count
    decisions = rows.stream(_SEEN, truth.begins_on, rows.since)
    for person, decided_at, seen in rows.each("what left stays counted in every later decision", decisions):
        instants = {datetime.fromisoformat(one) for one in seen}
        for permit in left.get(person, ()):
            if not _is_counted(permit, decided_at) or (person, decided_at, permit.id) in asked_again:
                continue
            if not {permit.used_at, permit.not_before, permit.minted_at} & instants:
                said = f"the decision of {decided_at} did not see permit {permit.id}"
                yield Broken("what left stays counted", person, decided_at, said)


def _is_counted(permit: Permit, at: datetime) -> bool:
    """From its use until somebody proved that it never left."""
    is_back = permit.released_at is not None and permit.released_at < at + CLOCKS_DIFFER
    return permit.used_at is not None and permit.used_at < at - CLOCKS_DIFFER and not is_back


_SEEN = """
SELECT d.person_id, d.at, coalesce((SELECT array_agg(e ->> 'at') FROM jsonb_array_elements(d.facts -> 'events') e
    WHERE e ->> 'direction' = 'out' AND (e ->> 'at')::timestamptz >= %s), '{}')
FROM decision d WHERE d.at >= %s
"""


def ends_are_true(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """What the product says of an end is what happened: delivered left, failed and cancelled did not."""
    left = {(one.person, int(one.key.partition("-")[2])) for one in truth.departures}
    left |= {(one.person, one.permit) for one in truth.dials}
    left |= {(one.person, one.permit) for one in truth.rings} - truth.proven_quiet()  # the line's word is taken
    for (person, permit), delivery in rows.each("ends are true", rows.deliveries.items()):
        has_left = (person, permit) in left
        at = rows.permits[person, permit].minted_at
        if has_left and delivery.state in ("failed", "cancelled", "waiting"):
            yield Broken("what left is not called failed", person, at, f"delivery {delivery.id} is {delivery.state}")
        if not has_left and delivery.state == "delivered":
            yield Broken("what did not leave is not called delivered", person, at, f"delivery {delivery.id}")
        if delivery.state == "delivered" and (person, permit) not in rows.contacts:
            yield Broken("what was delivered is a contact", person, at, f"delivery {delivery.id}")


def notices_change_knowledge_only(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Receipts come twice and in any order: what one says was delivered stays delivered."""
    for (person, permit), delivery in rows.deliveries.items():
        if delivery.channel != "sms" or delivery.message is None or (person, permit) not in rows.contacts:
            continue
        rows.checked["a notice told twice changes nothing"] += 1
        reported = truth.notices.get(delivery.message, set()) & {"delivered", "undelivered"}
        contact = rows.contacts[person, permit]
        wanted = "delivered" if "delivered" in reported else "undelivered" if reported else "sent"
        if contact.outcome != wanted:
            said = f"contact {contact.id} is {contact.outcome}, the carrier reported {sorted(reported)}"
            yield Broken("a notice told twice changes nothing", person, contact.at, said)


STANDING: tuple[Check, ...] = (  # what holds at every instant, also while something is under way
    left_with_a_permit,
    left_once,
    never_at_night,
    not_outside_what_was_agreed,
    within_the_caps,
    silence_after_words,
    third_persons,
    nothing_is_forgotten,
    ends_are_true,
)
AT_REST: tuple[Check, ...] = (notices_change_knowledge_only,)
