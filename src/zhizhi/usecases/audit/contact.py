"""From the fields of a row to the contact that it was: what the row says, what is assumed, what stays unknown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.conduct.audit.knowledge import Assumption
from zhizhi.core.conduct.audit.story import DEBTOR, Contact
from zhizhi.core.conduct.case import Collector, CollectorPerson, Event, Party, Point, Proposed
from zhizhi.core.law.features import Value
from zhizhi.usecases.audit.log_map import LogMap
from zhizhi.usecases.audit.words import OUTCOME_OF_LINE

OWN_HOUSE = frozenset({"lender", "自营", "本行", "本机构", "本公司", "in-house", "self"})
"""Words of the agency column that mean the lender's own staff."""

_CALLS = frozenset({"voice", "ringless_voicemail"})
_LIVE = frozenset({"voice", "visit"})
_MOBILE = re.compile(r"1[0-9]{10}")
_KIND_OF = {"email": "email", "im": "im", "letter": "postal", "visit": "place", "app": "sign_in", "web": "sign_in"}
STATED = {
    "visit_consent": "visit.consented",
    "entry_consent": "entry.consented",
    "refused_before": "party.refused",
    "wrong_number": "point.misdirected",
    "complaint_open": "case.complaint_open",
    "disputed": "debts.disputed",
    "no_contact_order": "case.no_contact_order",
}
"""Columns that state a feature of the law outright."""
_TURNED = {"in": "out", "out": "in"}


@dataclass(frozen=True, slots=True)
class LogRow:
    """The fields of one row; a field without a column is not in `found`, an empty cell is None."""

    id: str
    at: datetime
    ended_at: datetime | None
    found: Mapping[str, Any]


def contact_of(row: LogRow, log_map: LogMap) -> Contact:
    """The contact of a row. Boundary: what no column says is assumed and named; an empty cell stays open."""
    found = row.found
    assumed: set[Assumption] = set()
    told: dict[str, Value] = {feature: found[name] for name, feature in STATED.items() if found.get(name) is not None}
    direction = _direction(found, log_map, assumed)
    role = _role(found, log_map, assumed, told)
    purpose = _purpose(found, log_map, role, assumed, told)
    form = _or_assumed(found, log_map, "form", "interactive", Assumption.INTERACTIVE, "contact.form", assumed, told)
    robot = _or_assumed(found, log_map, "robot", False, Assumption.HUMAN, "contact.robot", assumed, told)
    _states(found, told)
    channel = found.get("channel") or log_map.channel
    number = found.get("number")
    party = Party(
        DEBTOR if role == DEBTOR else f"{role}:{number or ''}",
        role,
        found.get("named_by_debtor"),
        found.get("liability_evidence"),
    )
    point = _point(found, log_map, channel, party)
    debts = (str(found["debt"]),) if found.get("debt") else None
    outcome, exchanged = _outcome(found, channel)
    ended = _ended(row, channel)
    agency = found.get("agency")
    event = Event(
        id=row.id, at=row.at, channel=channel, direction=direction, party=party.id,
        point=point.id if point else None, debts=debts, form=form, robot=robot, by=agency,
        ring_seconds=found.get("ring_seconds"), line_result=found.get("line_result"), outcome=outcome,
        purpose=found.get("purpose"), talk_seconds=found.get("talk_seconds"), exchanged=exchanged,
    )  # fmt: skip
    proposed = Proposed(
        at=row.at, channel=channel, direction="out", party=party.id, purpose=purpose,
        point=point.id if point else None, debts=debts, form=form, robot=robot,
        discloses_debt=found.get("discloses_debt"), identifies_collector=found.get("identifies_collector"),
        names_principal=found.get("names_principal"), recording=found.get("recording"),
        team_size=found.get("team_size"), id_shown=found.get("id_shown"), place=found.get("place"),
        enters_premises=found.get("enters_premises"), content=found.get("marks"), expected_end_at=ended,
    )  # fmt: skip
    collector = _collector(found, told)
    worker = str(found.get("collector") or "")
    return Contact(event, proposed, party, point, collector, told, frozenset(assumed), str(agency or ""), worker)


def _direction(found: Mapping[str, Any], log_map: LogMap, assumed: set[Assumption]) -> str:
    written = found.get("direction")
    if written is None:
        assumed.add(Assumption.OUTBOUND)
        return "out"
    return _TURNED[written] if log_map.of == "phone" else str(written)


def _role(found: Mapping[str, Any], log_map: LogMap, assumed: set[Assumption], told: dict[str, Value]) -> str:
    role = found.get("role")
    if role is not None:
        return str(role)
    if "role" not in found and Assumption.DEBTOR_CALLED in log_map.assumed:
        assumed.add(Assumption.DEBTOR_CALLED)
    else:
        told |= dict.fromkeys(("party.role", "party.owes", "party.professional", "party.consumer"))
    return DEBTOR


def _purpose(
    found: Mapping[str, Any], log_map: LogMap, role: str, assumed: set[Assumption], told: dict[str, Value]
) -> str:
    """Boundary: to the debtor a contact without a purpose is assumed to collect; to anybody else it may be anything."""
    purpose = found.get("purpose")
    if purpose is not None:
        return str(purpose)
    if "purpose" not in found and role == DEBTOR and Assumption.COLLECTING in log_map.assumed:
        assumed.add(Assumption.COLLECTING)
    else:
        told["contact.purpose"] = None
    return "collect"


def _or_assumed(
    found: Mapping[str, Any],
    log_map: LogMap,
    name: str,
    usual: Any,
    assumption: Assumption,
    feature: str,
    assumed: set[Assumption],
    told: dict[str, Value],
) -> Any:
    value = found.get(name)
    if value is not None:
        return value
    if name not in found and assumption in log_map.assumed:
        assumed.add(assumption)
    else:
        told[feature] = None
    return usual


def _states(found: Mapping[str, Any], told: dict[str, Value]) -> None:
    state = found.get("debt_state")
    if state is not None:
        told["debts.state"] = frozenset({state})
        if state == "disputed":
            told["debts.disputed"] = True
    if found.get("debtor_state") is not None:
        told["debtor.state"] = frozenset({found["debtor_state"]})


def _point(found: Mapping[str, Any], log_map: LogMap, channel: str, party: Party) -> Point | None:
    number = found.get("number")
    if number is None:
        return None
    kind = _KIND_OF.get(channel) or ("mobile" if _MOBILE.fullmatch(number) else "landline")
    own_mobile = kind == "mobile" and party.role == DEBTOR and Assumption.RESERVED in log_map.assumed
    place = found.get("place") if kind == "place" else None
    return Point(f"{party.id}/{number}", party.id, kind, True if own_mobile else None, found.get("point_source"), place)


def _outcome(found: Mapping[str, Any], channel: str) -> tuple[str | None, bool | None]:
    """What became of it, and whether both sides spoke.

    Boundary: nought seconds of talk show that nobody spoke, not whether the phone was rejected or merely rang.
    """
    outcome, line, talk = found.get("outcome"), found.get("line_result"), found.get("talk_seconds")
    exchanged = found.get("exchanged")
    if channel not in _CALLS:
        return outcome, exchanged
    if talk == 0 and exchanged is None:
        exchanged = False
    if outcome is not None:
        return outcome, exchanged
    if line == "answered":
        return ("answered_dropped" if talk == 0 else "connected"), exchanged
    if line is not None:
        return OUTCOME_OF_LINE.get(line), exchanged
    return ("connected" if talk else None), exchanged


def _ended(row: LogRow, channel: str) -> datetime | None:
    if channel not in _LIVE:
        return None
    talk = row.found.get("talk_seconds")
    if row.ended_at is not None or talk is None:
        return row.ended_at
    return row.at + timedelta(seconds=talk + (row.found.get("ring_seconds") or 0))


def _collector(found: Mapping[str, Any], told: dict[str, Value]) -> Collector:
    """Boundary: an empty agency column does not say that the lender itself called."""
    agency = found.get("agency")
    if agency is None:
        told["collector.kind"] = None
    own = agency is None or str(agency).lower() in OWN_HOUSE
    person = found.get("collector")
    return Collector(
        "lender" if own else "agency",
        str(agency or "log"),
        listed=found.get("agency_listed"),
        evaluated_on=found.get("agency_evaluated_on"),
        inspected_on=found.get("agency_inspected_on"),
        contract_ends_on=found.get("contract_ends_on"),
        person=None
        if person is None
        else CollectorPerson(
            str(person),
            found.get("trained_on"),
            private_device=found.get("private_device"),
            private_device_approved=found.get("private_device_approved"),
        ),
    )
