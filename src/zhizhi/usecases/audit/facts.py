"""Facts beside a log: statements, states of debtors and debts, agencies and collectors. One JSON document, strict.

What people said stands as in a conduct case and is read by its reader; so a side table has no meaning of its own.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from zhizhi.core.conduct.audit.knowledge import Knowledge
from zhizhi.core.conduct.audit.story import DEBTOR, Contact, Story
from zhizhi.core.conduct.case import Case, CaseError, Collector, CollectorPerson, parse_case
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text

KEYS = ("statements_complete", "statements", "debtors", "debts", "agencies", "collectors")
_OF_AGENCY = {
    "listed": "collector.listed",
    "evaluated_on": "collector.evaluated_on",
    "inspected_on": "collector.inspected_on",
    "contract_ends_on": "collector.contract_running",
}
_OF_COLLECTOR = {
    "trained_on": "collector.trained_on",
    "certified_until": "",
    "private_device": "collector.private_device",
    "private_device_approved": "collector.private_device_approved",
}


class FactsRefused(Refused):
    """The document cannot be used; the text names the place."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The side tables, by person, agency and collector."""

    cases: Mapping[str, Case] = field(default_factory=dict)
    agencies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    collectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    statements: bool = False
    debtor_states: bool = False
    debt_states: bool = False
    spoken: frozenset[str] = frozenset()
    _collectors: dict[tuple[Collector, str, str], Collector] = field(default_factory=dict, compare=False, repr=False)
    """Collectors as these tables complete them: a log has few."""

    def adds_to(self, knowledge: Knowledge) -> Knowledge:
        """What is known of all contacts with these tables."""
        return replace(
            knowledge,
            spoken=knowledge.spoken | self.spoken,
            statements=self.statements,
            debtor_states=self.debtor_states,
            debt_states=self.debt_states,
        )

    def story(self, person: str, contacts: list[Contact], time_zones: tuple[str, ...]) -> Story:
        """The story of a person. Boundary: who is in no table is in none of its states, where the table is given."""
        case = self.cases.get(person)
        known = (
            [self._with_collector(contact) for contact in contacts] if self.agencies or self.collectors else contacts
        )
        if case is None:
            return Story(person, known, time_zones=time_zones)
        return Story(
            person,
            known,
            debts=case.debts if self.debt_states else (),
            debtor_states=case.debtor_states,
            statements=case.statements,
            time_zones=time_zones,
        )

    def _with_collector(self, contact: Contact) -> Contact:
        collector = contact.collector
        of_agency = self.agencies.get(contact.team, {})
        of_person = self.collectors.get(contact.worker, {})
        if not of_agency and not of_person:
            return contact
        known = self._collectors.get((collector, contact.team, contact.worker))
        if known is None:
            person = collector.person
            if of_person:
                person = replace(person or CollectorPerson(contact.worker), **of_person)
            known = replace(collector, person=person, **of_agency)
            self._collectors[collector, contact.team, contact.worker] = known
        return replace(contact, collector=known)


def read_facts(document: object, profile: str, zone: str) -> Facts:
    """Read the side tables. Refuses: an unknown key, a row without its person, a statement that a case refuses."""
    if not isinstance(document, dict) or not document.keys() <= set(KEYS):
        text = Text(f"须为对象,键为:{', '.join(KEYS)}", f"must be an object with the keys {', '.join(KEYS)}")
        raise FactsRefused("bad_facts", text)
    tables = {key: _rows(document, key) for key in KEYS[1:]}
    by_person: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for key in ("statements", "debtors", "debts"):
        for place, row in enumerate(tables[key]):
            by_person[_person(row, f"{key}[{place}]")][key].append(row)
    spoken = {
        feature
        for table, features in (("agencies", _OF_AGENCY), ("collectors", _OF_COLLECTOR))
        for row in tables[table]
        for name, feature in features.items()
        if name in row and feature
    }
    return Facts(
        cases={person: _case(person, rows, profile, zone) for person, rows in by_person.items()},
        agencies=_keyed(tables["agencies"], "agencies", _OF_AGENCY),
        collectors=_keyed(tables["collectors"], "collectors", _OF_COLLECTOR),
        statements=document.get("statements_complete") is True,
        debtor_states="debtors" in document,
        debt_states="debts" in document,
        spoken=frozenset(spoken),
    )


def _rows(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = document.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FactsRefused("bad_facts", Text(f"{key}: 须为对象的数组", f"{key}: must be an array of objects"))
    return rows


def _person(row: dict[str, Any], place: str) -> str:
    person = row.get("person")
    if not isinstance(person, str) or not person:
        raise FactsRefused("bad_facts", Text(f"{place}.person: 缺少客户编号", f"{place}.person: whose row is it?"))
    return person


def _case(person: str, rows: Mapping[str, list[dict[str, Any]]], profile: str, zone: str) -> Case:
    """The side rows of a person as a case, read by the reader of cases."""
    parties = {DEBTOR: {"id": DEBTOR, "role": DEBTOR}}
    points: dict[str, dict[str, Any]] = {}
    statements = []
    for row in rows.get("statements", []):
        said = {key: value for key, value in row.items() if key != "person"}
        by = str(said.setdefault("by", DEBTOR))
        parties.setdefault(by, {"id": by, "role": by.partition(":")[0]})
        if "point" in said:
            said["point"] = f"{by}/{said['point']}"
            points[said["point"]] = {"id": said["point"], "party": by, "kind": "mobile"}
        statements.append(said)
    debts = [{"lender": "lender", **_without(row, "person")} for row in rows.get("debts", [])]
    states = [_without(row, "person") for row in rows.get("debtors", [])]
    document = {
        "id": person,
        "profile": profile,
        "debtor": {"time_zones": [zone], "states": states or [{"state": "normal"}]},
        "debts": debts or [{"id": "debt", "lender": "lender", "state": "overdue"}],
        "parties": list(parties.values()),
        "points": list(points.values()),
        "collector": {"kind": "lender", "id": "log"},
        "statements": sorted(statements, key=lambda said: str(said.get("at", ""))),
        "events": [],
        "proposed": {
            "at": "2000-01-01T00:00:00+08:00", "channel": "voice", "direction": "out", "party": DEBTOR,
            "purpose": "collect",
        },
    }  # fmt: skip
    try:
        return parse_case(document)
    except CaseError as wrong:
        raise FactsRefused("bad_facts", Text(f"某客户的附表: {wrong}", f"side tables of a person: {wrong}")) from wrong


def _without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def _keyed(rows: list[dict[str, Any]], table: str, known: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(rows):
        name = row.get("id")
        if not isinstance(name, str) or not (row.keys() - {"id"}) <= known.keys():
            listed = ", ".join(("id", *known))
            raise FactsRefused(
                "bad_facts", Text(f"{table}[{place}]: 键为 {listed}", f"{table}[{place}]: keys are {listed}")
            )
        found[name] = {key: _dated(key, value, f"{table}[{place}]") for key, value in row.items() if key != "id"}
    return found


def _dated(key: str, value: object, place: str) -> object:
    if key.endswith(("_on", "_until")):
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise FactsRefused("bad_facts", Text(f"{place}.{key}: 不是日期", f"{place}.{key}: not a day")) from error
    if not isinstance(value, bool):
        raise FactsRefused("bad_facts", Text(f"{place}.{key}: 须为 true 或 false", f"{place}.{key}: true or false"))
    return value
