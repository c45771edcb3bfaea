"""realise: a case document for what the solver wants. What it cannot write down it refuses; it never writes another."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.reasoning.histories import Document, Kind, Silence, at_of
from zhizhi.core.conduct.reasoning.wanted import Wanted
from zhizhi.core.kernel.instants import wall, write_instant, zone_of

LONG_AGO, SINCE_THEN = timedelta(days=60), timedelta(days=40)
PARTY, POINT, OTHER_POINT = {True: "p1", False: "x1"}, "m1", "m9"
_KIND_OF_POINT = {
    "voice": "mobile", "ringless_voicemail": "mobile", "sms": "mobile", "im": "im", "email": "email", "app": "sign_in",
    "letter": "postal", "visit": "place", "web": "sign_in", "public_post": "place",
}  # fmt: skip
_STANDING = {"visit": "place", "letter": "postal"}


class NotBuilt(Exception):
    """What is wanted cannot be written as a case: a combination of features that no builder knows."""


class Builder:
    """One document in the making."""

    def __init__(self, wanted: Wanted, kinds: dict[str, Kind], silence: Silence) -> None:
        self.wanted, self.kinds, self.silence = wanted, kinds, silence
        self.zone: ZoneInfo = zone_of(wanted.zone)
        self.at = wall(self.zone, wanted.day, 0) + timedelta(seconds=wanted.clock.begin)
        self.is_debtor = wanted.value("party.role") == "debtor"
        self.party = PARTY[self.is_debtor]

    def text(self, name: str) -> str:
        """A choice that has to be known."""
        value = self.wanted.value(name)
        if not isinstance(value, str):
            raise NotBuilt(name)
        return value

    def written(self, at: datetime) -> str:
        """An instant on the clock of the law's zone."""
        return write_instant(at, self.zone)


def realise(wanted: Wanted, kinds: dict[str, Kind], silence: Silence) -> Document:
    """A case whose record is what is wanted. Refuses: NotBuilt. Whoever prints it confirms it first."""
    make = Builder(wanted, kinds, silence)
    events = sorted(_events(make), key=lambda event: (event["at"], event["id"]))
    zones = [wanted.zone] if wanted.clock.abroad is None else [wanted.zone, wanted.clock.abroad]
    document: Document = {
        "id": "witness",
        "profile": wanted.profile,
        "reading": wanted.reading,
        "debtor": {"time_zones": zones, **_states(make, "debtor.state")},
        "debts": _debts(make),
        "parties": list(_parties(make)),
        "points": list(_points(make)),
        "collector": _collector(make),
        "statements": sorted(_statements(make), key=lambda said: str(said["at"])),
        "events": events,
        "proposed": _proposed(make),
    }
    facts = _facts(make)
    return {**document, "case": facts} if facts else document


def _states(make: Builder, feature: str) -> Document:
    states = make.wanted.value(feature)
    assert isinstance(states, frozenset), "states are a set"
    if not states:
        return {"states": [{"state": "normal" if feature == "debtor.state" else "overdue", "until": "2000-01-01"}]}
    if len(states) == 1:
        return {"state": next(iter(states))}
    return {"states": [{"state": state} for state in sorted(states)]}


def _debts(make: Builder) -> list[Document]:
    own = {"id": "d1", "lender": "L1", "product": "P1", **_states(make, "debts.state")}
    named = {debt for name in make.wanted.events for debt in dict(make.kinds[name].keys).get("debts", ())}
    others = [
        {"id": "d2", "lender": "L1", "product": "P2", "state": "overdue"},
        {"id": "d3", "lender": "L2", "product": "P1", "state": "overdue"},
    ]
    return [own, *(debt for debt in others if debt["id"] in named)]


def _parties(make: Builder) -> Iterator[Document]:
    wanted = make.wanted
    named, debtor = wanted.value("party.named_by_debtor"), {"id": "p1", "role": "debtor"}
    own: Document = debtor if make.is_debtor else {"id": "x1", "role": make.text("party.role")}
    if named is not None:
        own["named_by_debtor"] = named
    owes = wanted.value("party.owes")
    if own["role"] in ("co_borrower", "guarantor", "spouse") and owes is not None:
        own["liability_evidence"] = owes
    if own["role"] == "heir" and owes is not None:
        own["estate_value_minor"] = 100_000 if owes else 0
    yield own
    if not make.is_debtor:
        yield debtor
    if wanted.value("entry.employer_consented") is not False and own["role"] != "employer":
        yield {"id": "w1", "role": "employer"}


def _points(make: Builder) -> Iterator[Document]:
    wanted, channel = make.wanted, make.text("contact.channel")
    kind = _KIND_OF_POINT[channel]
    open_places = ("contact.at_inconvenient_place", "contact.at_prohibited_work")
    if any(wanted.value(name) is None for name in open_places):
        kind = _STANDING.get(channel, "landline")
    own: Document = {"id": POINT, "party": make.party, "kind": kind}
    source = wanted.value("point.source")
    if source is not None:
        own["source"] = source
    if wanted.is_true("point.misdirected"):
        own["misdirected"] = True
    if wanted.is_true("point.employers"):
        own["owner"] = "employer"
    if make.is_debtor and kind == "mobile":
        own["reserved"] = True
    yield own
    other = any(dict(make.kinds[name].keys).get("point") == "other" for name in wanted.events)
    if other or wanted.is_true("contact.replies"):
        yield {"id": OTHER_POINT, "party": make.party, "kind": kind, "source": "contract"}
    yield from _points_of_debtor(make)


def _points_of_debtor(make: Builder) -> Iterator[Document]:
    if make.is_debtor:
        return
    reserved: Document = {"id": "g1", "party": "p1", "kind": "mobile", "source": "contract"}
    if make.silence.reserved is not None:
        reserved["reserved"] = make.silence.reserved
    if make.silence.invalid:
        reserved["invalid_since"] = make.written(make.at - LONG_AGO)
    yield reserved
    if make.silence.other_point:
        yield {"id": "g2", "party": "p1", "kind": "landline", "source": "contract"}


def _collector(make: Builder) -> Document:
    wanted, kind = make.wanted, make.text("collector.kind")
    collector: Document = {"kind": kind, "id": "A1" if kind == "agency" else "L1"}
    for key in ("listed", "evaluated_on", "inspected_on"):
        value = wanted.value(f"collector.{key}")
        if value is not None:
            collector[key] = value.isoformat() if isinstance(value, date) else value
    running = wanted.value("collector.contract_running")
    if running is not None:
        collector["contract_ends_on"] = (wanted.day + timedelta(days=30 if running else -30)).isoformat()
    if wanted.is_true("collector.person_acts"):
        person: Document = {"id": "u1"}
        for key in ("trained_on", "private_device", "private_device_approved"):
            value = wanted.value(f"collector.{key}")
            if value is not None:
                person[key] = value.isoformat() if isinstance(value, date) else value
        collector["person"] = person
    return collector


def _facts(make: Builder) -> Document:
    wanted = make.wanted
    later = (wanted.day + timedelta(days=30)).isoformat()
    facts: Document = {}
    if wanted.is_true("case.complaint_open"):
        facts["complaint_open"] = True
    if wanted.is_true("case.no_contact_order"):
        facts["no_contact_order_until"] = later
    if wanted.is_true("case.hardship"):
        facts["hardship_until"] = later
    agreed = wanted.value("case.unreachable_by_contract")
    if agreed != "not_agreed":
        facts["unreachable_by_contract"] = agreed == "met"
    return facts


def _clock_text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _statements(make: Builder) -> Iterator[Document]:
    for kind, by, keys in (*_refusals(make), *_agreements(make), *_consents(make)):
        yield {"at": make.written(make.at - LONG_AGO), "by": by, "kind": kind, **keys}
    if make.wanted.value("callback.requested") is True:
        until = make.at + timedelta(seconds=make.wanted.clock.end - make.wanted.clock.begin, hours=1)
        timed = {"from": make.written(make.at)} if make.wanted.is_true("callback.timed") else {}
        said = {"at": make.written(make.at), "by": make.party, "kind": "request_callback"}
        yield {**said, **timed, "until": make.written(until)}


Sayings = Iterator[tuple[str, str, Document]]


def _refusals(make: Builder) -> Sayings:
    wanted, by = make.wanted, make.party
    channel, place = make.text("contact.channel"), wanted.value("contact.place")
    if wanted.is_true("party.refused"):
        yield "refuse_contact", by, {}
    if wanted.is_true("party.refused_channel"):
        yield "refuse_medium", by, {"channel": channel}
    if wanted.value("point.refused") is not False:
        yield "refuse_point", by, {"point": POINT}
    if wanted.value("point.objected") is not False:
        surely = wanted.is_true("point.objected") and not wanted.named
        yield "object_use", by, {"of": by if surely else POINT}
    if wanted.value("contact.at_inconvenient_place") is not False:
        yield "inconvenient_place", by, {"place": place or "home"}
    if wanted.value("contact.at_prohibited_work") is not False:
        yield "employer_prohibits", by, {}
    yield from _disputes(make)
    if wanted.is_true("point.text_refused") and not wanted.is_true("point.refused"):
        yield "refuse_point", by, {"point": POINT, "channel": "sms"}
    if wanted.is_true("debts.ceased"):
        yield "cease", "p1", {}
    if wanted.is_true("debts.claimed_paid"):
        yield "claims_paid", "p1", {}
    if wanted.is_true("debtor.represented"):
        yield "represented_by_attorney", "p1", {}


def _disputes(make: Builder) -> Sayings:
    wanted = make.wanted
    if wanted.is_true("debts.disputed") and "disputed" not in _set_of(make, "debts.state"):
        yield "denies_debt" if wanted.value("debts.unverified") is None else "dispute", "p1", {}
    if wanted.is_true("debts.disputed") and wanted.value("debts.unverified") is False:
        yield "verification_sent", "collector", {}


def _set_of(make: Builder, feature: str) -> frozenset[str]:
    value = make.wanted.value(feature)
    assert isinstance(value, frozenset), "a set"
    return value


def _agreements(make: Builder) -> Sayings:
    wanted, by = make.wanted, make.party
    clock = wanted.clock
    if clock.agreed is not None:
        start, end = (_clock_text(minutes) for minutes in clock.agreed)
        form = "specific" if clock.agreed_specific else "standard_clause"
        yield "agree_hours", by, {"from": start, "to": end, "form": form}
    if clock.avoided is not None:
        start, end = (_clock_text(minutes) for minutes in clock.avoided)
        yield "inconvenient_time", by, {"from": start, "to": end}
    talks, dials = wanted.agreed.get("conversations"), wanted.agreed.get("dials")
    if talks is not None:
        yield "agree_frequency", by, {"per_day": talks}
    if dials is not None and dials != talks:
        yield "agree_frequency", by, {"per_day": dials, "point": POINT}


def _consents(make: Builder) -> Sayings:
    wanted, by = make.wanted, make.party
    place = wanted.value("contact.place")
    visit = wanted.value("visit.consented")
    if visit is not False:
        told: Document = {"consequences_told": True} | ({} if visit is None else {"purpose_told": True})
        yield "consent_visit", by, {"place": place or "home", **told}
    if wanted.value("entry.consented") is not False:
        yield "consent_entry", by, {"place": place or "home"}
    if wanted.value("entry.employer_consented") is not False and wanted.value("party.role") != "employer":
        yield "consent_entry", "w1", {"place": place or "home"}
    if wanted.is_true("consent.time") and not wanted.is_true("callback.timed"):
        until = make.at + timedelta(days=2)
        yield "consent_time", by, {"from": make.written(make.at - LONG_AGO), "until": make.written(until)}
    if wanted.is_true("party.offered_to_pay"):
        yield "offer_to_pay", by, {}


def _events(make: Builder) -> Iterator[Document]:
    wanted, out = make.wanted, {"direction": "out"}
    yield from _of_history(make)
    for n, (back, second) in enumerate(make.silence.dials):
        at = wall(make.zone, wanted.day - timedelta(days=back), 0) + timedelta(seconds=second)
        dial = {"id": f"g{n}", "at": make.written(at), "channel": "voice", **out, "party": "p1", "point": "g1"}
        yield dial if make.silence.outcome is None else {**dial, "outcome": make.silence.outcome}
    confirmed = wanted.value("party.refusal_confirmed")
    early = {"at": make.written(make.at - SINCE_THEN), **out, "party": make.party}
    if confirmed is not False:
        purpose = {} if confirmed is None else {"purpose": "opt_out_confirmation"}
        yield {"id": "confirmation", "channel": "im", **early, "outcome": "delivered", **purpose}
    elif not wanted.is_true("contact.first") and not any(_is_own(make, name) for name in wanted.events):
        yield {"id": "earlier", "channel": "app", **early, "outcome": "undelivered", "purpose": "serve"}
    yield from _inbound(make)


def _is_own(make: Builder, name: str) -> bool:
    return make.is_debtor or "party" not in dict(make.kinds[name].keys)


def _inbound(make: Builder) -> Iterator[Document]:
    """What the party sent: what the contact answers or continues, and what shows its own address."""
    wanted, channel = make.wanted, make.text("contact.channel")
    came: Document = {"direction": "in", "party": make.party, "about_debt": False}
    if wanted.is_true("point.wrote_from"):
        at = make.written(make.at - LONG_AGO)
        silent = {"outcome": "connected", "exchanged": False} if channel == "voice" else {}
        yield {"id": "wrote", "at": at, "channel": channel, **came, "about_debt": True, "point": POINT, **silent}
    if not wanted.is_true("contact.replies"):
        return
    medium = "voice" if wanted.is_true("contact.continues") else channel
    if not wanted.is_true("contact.continues") and not wanted.is_true("reply.unspent"):
        medium = "email" if channel != "email" else "sms"
    if medium == "voice":
        came |= {"outcome": "connected", "exchanged": False}
    if wanted.named and wanted.value("reply.same_point") is not None:
        came["point"] = POINT if wanted.is_true("reply.same_point") else OTHER_POINT
    at = make.written(make.at - timedelta(seconds=1))
    yield {"id": "inbound", "at": at, "channel": medium, **came}


def _point_of(make: Builder, place: str) -> str:
    if place == "debtor":
        return POINT if make.is_debtor else "g1"
    return POINT if place == "same" else OTHER_POINT


def _of_history(make: Builder) -> Iterator[Document]:
    number = 0
    for name, count in make.wanted.events.items():
        for _ in range(count):
            kind = make.kinds[name]
            keys: dict[str, Any] = dict(kind.keys)
            place = keys.pop("point", "same")
            robot = make.wanted.is_true("contact.robot") != (keys.pop("robot", "like") == "unlike")
            at = make.at - at_of(kind, make.wanted.clock.begin, number)
            number += 1
            yield {
                "id": f"e{number}", "at": make.written(at), "direction": "out", "party": make.party,
                "point": _point_of(make, place), "debts": ["d1"], "purpose": "collect",
                **({"robot": True} if robot else {}), **keys,
            }  # fmt: skip


_STATED = (
    "form", "robot", "purpose", "discloses_debt", "identifies_collector", "names_principal", "recording",
    "team_size", "id_shown", "place", "enters_premises", "content", "opt_out_notice",
)  # fmt: skip


def _proposed(make: Builder) -> Document:
    wanted = make.wanted
    proposed: Document = {
        "at": make.written(make.at), "channel": make.text("contact.channel"), "direction": "out",
        "party": make.party, "purpose": make.text("contact.purpose"), "debts": ["d1"],
    }  # fmt: skip
    if wanted.named:
        proposed["point"] = POINT
    for key in _STATED:
        value = wanted.value(f"contact.{key}")
        if value is not None and (key, value) not in (("form", "interactive"), ("robot", False)):
            proposed[key] = sorted(value) if isinstance(value, frozenset) else value
    if wanted.is_true("contact.at_inconvenient_place") and "place" not in proposed:
        proposed["known_place"] = "home"
    if wanted.is_true("contact.at_prohibited_work") and not wanted.is_true("point.employers"):
        proposed["known_place"] = "work"
    if wanted.clock.end > wanted.clock.begin:
        seconds = wanted.clock.end - wanted.clock.begin
        proposed["expected_end_at"] = make.written(make.at + timedelta(seconds=seconds))
    if wanted.is_true("contact.continues"):
        proposed["on_call"] = "inbound"
    elif wanted.is_true("contact.replies"):
        proposed["in_reply_to"] = "inbound"
    return proposed
