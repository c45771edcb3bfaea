"""What happened to a person, the newest first: one operation a list, its rows named as they are answered."""

from collections.abc import Callable
from typing import Any, TypeVar

from zhizhi.store.api.reads import Happened, body_of, list_of_person, note_opener
from zhizhi.web.api import shown
from zhizhi.web.api.answered import Page, Told
from zhizhi.web.api.cases import reading_case
from zhizhi.web.api.fields import CONTACT, DEBT, PARTY, PERMIT, POINT
from zhizhi.web.api.operations import Call
from zhizhi.web.api.paging import Paged, page_of

Row = TypeVar("Row", bound=Told)


def a_list(name: str, show: Callable[[Happened], Row]) -> Callable[[Call], Page[Row]]:
    """An operation that reads one list of a case."""

    def listed(call: Call) -> Page[Row]:
        asked = call.asked(Paged)
        after = asked.after(name)
        with reading_case(call) as head:
            rows = list_of_person(name, head.person_id, after, asked.limit)
        return page_of(rows, asked, name, lambda row: row.key, show)

    return listed


_LETTERS = {
    "party_id": PARTY,
    "point_id": POINT,
    "debt_id": DEBT,
    "permit_id": PERMIT,
    "decision_id": "",
}


def ids_as_text(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns as they are answered: ids are texts, and named for what they name."""
    told = {name: value for name, value in columns.items() if name not in _LETTERS}
    for name in _LETTERS.keys() & columns.keys():
        value = columns[name]
        told[name.removesuffix("_id")] = None if value is None else f"{_LETTERS[name]}{value}"
    return told


def contact(row: Happened) -> shown.Contact:
    """A contact."""
    return shown.Contact(contact=f"{CONTACT}{row.id}", at=row.at, **ids_as_text(row.columns))


def permit(row: Happened) -> shown.Permit:
    """A permit."""
    return shown.Permit(permit=f"{PERMIT}{row.id}", minted_at=row.at, **ids_as_text(row.columns))


def decision(row: Happened) -> shown.DecisionRow:
    """A decision."""
    return shown.DecisionRow(decision=str(row.id), at=row.at, **row.columns)


def statement(row: Happened) -> shown.Statement:
    """A statement."""
    told = row.columns
    return shown.Statement(
        statement=str(row.id),
        at=row.at,
        kind=told["kind"],
        party=f"{PARTY}{told['party_id']}",
        source=told["source"],
        more=body_of(row),
    )


def stop(row: Happened) -> shown.Stop:
    """A stop."""
    return shown.Stop(stop=str(row.id), from_at=row.at, **ids_as_text(row.columns))


def promise(row: Happened) -> shown.Promise:
    """A promise."""
    return shown.Promise(promise=str(row.id), promised_at=row.at, **row.columns)


def payment(row: Happened) -> shown.Payment:
    """A payment."""
    return shown.Payment(payment=str(row.id), recorded_at=row.at, **ids_as_text(row.columns))


def notes_page(call: Call) -> Page[shown.Note]:
    """The notes of a case, opened."""
    asked = call.asked(Paged)
    after = asked.after("notes")
    with reading_case(call) as head:
        rows = list_of_person("notes", head.person_id, after, asked.limit)
    text = note_opener(head.seal)

    def show(row: Happened) -> shown.Note:
        told = {name: value for name, value in row.columns.items() if name != "sealed"}
        return shown.Note(note=str(row.id), at=row.at, text=text(row), **told)

    return page_of(rows, asked, "notes", lambda row: row.key, show)
