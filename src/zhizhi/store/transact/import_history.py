"""What happened before a book came to us: contacts, statements, promises, stops, notes.

Set down once, however often it is sent.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connections

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.cases.codes import load_codes as load_note_codes
from zhizhi.store.ids import ids
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.imports.resolve import FoundParty, FoundPerson, Resolver, insert_rows
from zhizhi.store.people.rows import PartySecrets, seal_note
from zhizhi.store.transact.deliveries import cancel_waiting, waiting_persons
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written
from zhizhi.store.transact.person import lock_persons

_CONTACT = (
    "person_id",
    "id",
    "at",
    "channel",
    "direction",
    "party_id",
    "point_id",
    "form",
    "purpose",
    "collector",
    "collector_kind",
    "outcome",
    "ring_seconds",
    "line_result",
    "talk_seconds",
    "exchanged",
    "about_debt",
    "is_robot",
    "import_id",
)
_STATEMENT = ("person_id", "id", "party_id", "at", "kind", "body", "source", "recorded_at", "import_id")
_PROMISE = (
    "person_id",
    "id",
    "promised_at",
    "due_on",
    "amount_minor",
    "paid_minor",
    "state",
    "settled_on",
    "import_id",
)
_STOP = ("person_id", "id", "kind", "debt_id", "from_at", "until_at", "ground", "set_by", "import_id")
_NOTE = (
    "person_id",
    "id",
    "at",
    "author",
    "action",
    "outcome",
    "overdue_reason",
    "codes_version",
    "sealed",
    "next_step",
    "next_step_at",
    "import_id",
)
_SCOPES = (
    "days",
    "from",
    "to",
    "on",
    "until",
    "form",
    "channel",
    "place",
    "purpose_told",
    "consequences_told",
    "why",
    "proof",
    "written",
)

Build = Callable[["_Chunk", FoundPerson, dict[str, Any]], "tuple[tuple[Any, ...], tuple[Any, ...]] | tuple[str, str]"]


_RESIDENCE = ("person_id", "id", "division", "source", "at", "import_id")
READ_BY_THE_LAW = ("contact", "statement", "stop", "residence")
PULLS_BACK = ("statement", "stop")


class _Chunk:
    """What the rows of a chunk share."""

    def __init__(self, context: RowsContext, rows: Placed) -> None:
        self.context = context
        lenders, self.agencies = load_codes()
        self.resolver = Resolver(lenders)
        self.resolver.load_persons((values["lender"], values["customer"]) for _, values in rows)
        self.resolver.load_debts(
            (values["lender"], values["account"]) for _, values in rows if values.get("account") is not None
        )
        self.codes_version = load_note_codes().version if context.kind == "notes" else 0
        self.persons = {
            position: self.resolver.person(values["lender"], values["customer"]) for position, values in rows
        }
        self.person_ids = sorted({person.id for person in self.persons.values() if person is not None})

    def write(self, rows: Placed, table: str, columns: Sequence[str], build: Build, known: str) -> Written:
        """Insert what `build` makes of the rows unless the table holds it; `known` selects its natural keys."""
        written = Written()
        with connections["gate"].cursor() as cursor:
            cursor.execute(known, [self.person_ids])
            there = set(cursor.fetchall())
        made: list[tuple[Any, ...]] = []
        for position, values in rows:
            person = self.persons[position]
            if person is None:
                lacks_lender = self.resolver.lender(values["lender"]) is None
                refusal = ("lender", "unknown_lender") if lacks_lender else ("customer", "unknown_person")
                written.refused.append((position, *refusal))
                continue
            built = build(self, person, values)
            if isinstance(built[0], str):
                written.refused.append((position, built[0], str(built[1])))
                continue
            key, row = built
            if key in there:
                written.unchanged += 1
                continue
            there.add(key)
            made.append(row)
            written.new += 1
        self._insert(table, columns, made)
        return written

    def _insert(self, table: str, columns: Sequence[str], made: list[tuple[Any, ...]]) -> None:
        """A fact that the law reads advances its person, so that no decision on older facts commits; what was said or
        stopped pulls back what waits to leave."""
        person_ids = sorted({row[0] for row in made})
        if table in READ_BY_THE_LAW:
            lock_persons(person_ids)
        insert_rows(table, columns, made)
        if table in PULLS_BACK:
            for person_id in waiting_persons(person_ids):
                cancel_waiting(person_id, self.context.at, f"import_{table}")


def write_contacts(context: RowsContext, rows: Placed) -> Written:
    """Contacts of the past: they count against caps like ours, and need no permit of ours."""
    chunk = _Chunk(context, rows)
    chunk.resolver.load_parties(chunk.person_ids)
    known = "SELECT person_id, at, channel, direction, party_id FROM contact WHERE person_id = ANY (%s)"
    return chunk.write(rows, "contact", _CONTACT, _contact, known)


def _contact(chunk: _Chunk, person: FoundPerson, values: dict[str, Any]) -> Any:
    party = chunk.resolver.party(person.id, values["party"])
    if party is None:
        return "party", "unknown_party"
    point_id = None
    if values["point"]:
        point_id = party.point(values["point"], chunk.resolver.keys(person.lender_id))
        if point_id is None:
            return "point", "unknown_point"
    agency = values["agency"]
    if agency is not None and agency not in chunk.agencies:
        return "agency", "unknown_agency"
    key = (person.id, values["at"], values["channel"], values["direction"], party.id)
    row = (
        person.id,
        ids.take(),
        values["at"],
        values["channel"],
        values["direction"],
        party.id,
        point_id,
        values["form"] or "interactive",
        values["purpose"],
        agency or values["lender"],
        "agency" if agency else "lender",
        values["outcome"],
        values["ring_seconds"],
        values["line_result"],
        values["talk_seconds"],
        values["exchanged"],
        values["about_debt"],
        values["robot"],
        chunk.context.file_id,
    )
    return key, row


def write_statements(context: RowsContext, rows: Placed) -> Written:
    """What people said, in the words of the conduct contract."""
    chunk = _Chunk(context, rows)
    chunk.resolver.load_parties(chunk.person_ids)
    _add_others(chunk, rows)
    known = "SELECT person_id, at, kind, party_id FROM statement WHERE person_id = ANY (%s)"
    return chunk.write(rows, "statement", _STATEMENT, _statement, known)


def _statement(chunk: _Chunk, person: FoundPerson, values: dict[str, Any]) -> Any:
    by_collector = values["by"] == "collector"
    party = None if by_collector else chunk.resolver.party(person.id, values["by"])
    if party is None and not by_collector:
        return "by", "unknown_party"
    body = {name: values[name] for name in _SCOPES if values[name] is not None}
    if "days" in body:
        body["days"] = [word for word in body["days"].replace(",", " ").split() if word]
    if values["point"]:
        debtor = chunk.resolver.party(person.id, "debtor")
        keys = chunk.resolver.keys(person.lender_id)
        spoken = [one.point(values["point"], keys) for one in (party, debtor) if one is not None]
        point_id = next((one for one in spoken if one is not None), None)
        if point_id is None:
            return "point", "unknown_point"
        body["point"] = f"m{point_id}"
    if values["of"]:
        meant = _meant_by(values["kind"], values["of"], chunk, person, party)
        if meant is None:
            return "of", "unknown_point"
        body["of"] = meant
    if values["kind"] == "object_use" and "of" not in body and "point" in body:
        body["of"] = body.pop("point")
    if values["kind"] == "claims_paid":
        body |= {
            name: value for name, value in (("amount_minor", values["amount"]), ("on", values["paid_on"])) if value
        }
        if "on" in body:
            body["on"] = str(body["on"])
    party_id = party.id if party is not None else None
    key = (person.id, values["at"], values["kind"], party_id)
    source = values["source"] or "import"
    row = (
        person.id,
        ids.take(),
        party_id,
        values["at"],
        values["kind"],
        json.dumps(body, ensure_ascii=False),
        source,
        chunk.context.at,
        chunk.context.file_id,
    )
    return key, row


def _meant_by(kind: str, of: str, chunk: _Chunk, person: FoundPerson, party: FoundParty | None) -> str | None:
    """What `of` means: the withdrawn kind, or the point or party whose use is objected to, by our own id."""
    if kind != "object_use":
        return of
    keys = chunk.resolver.keys(person.lender_id)
    debtor = chunk.resolver.party(person.id, "debtor")
    for one in (party, debtor):
        if one is not None and (point_id := one.point(of, keys)) is not None:
            return f"m{point_id}"
    named = chunk.resolver.party(person.id, of)
    return f"p{named.id}" if named is not None else None


def _add_others(chunk: _Chunk, rows: Placed) -> None:
    """Somebody without a part in the debt who spoke (a new owner of the number) becomes a party without a name."""
    lacking = {
        person.id: person
        for position, values in rows
        if (person := chunk.persons[position]) is not None
        and values["by"] == "other"
        and chunk.resolver.party(person.id, "other") is None
    }
    made = []
    for person in lacking.values():
        party_id = ids.take()
        sealed = PartySecrets("").seal(person.seal(), party_id)
        made.append((person.id, party_id, "other", sealed, False, chunk.context.file_id))
    insert_rows("party", ("person_id", "id", "role", "sealed", "is_named_by_debtor", "import_id"), made)
    if made:
        chunk.resolver.load_parties(lacking)


def write_promises(context: RowsContext, rows: Placed) -> Written:
    """Promises; the first case that is opened for the person takes them over."""
    known = "SELECT person_id, promised_at, due_on, amount_minor FROM promise WHERE person_id = ANY (%s)"
    return _Chunk(context, rows).write(rows, "promise", _PROMISE, _promise, known)


def _promise(chunk: _Chunk, person: FoundPerson, values: dict[str, Any]) -> Any:
    state = values["state"] or "open"
    paid = values["amount"] if state == "kept" else 0
    key = (person.id, values["promised_at"], values["due_on"], values["amount"])
    row = (
        person.id,
        ids.take(),
        values["promised_at"],
        values["due_on"],
        values["amount"],
        paid,
        state,
        values["settled_on"],
        chunk.context.file_id,
    )
    return key, row


def write_stops(context: RowsContext, rows: Placed) -> Written:
    """Stops, from the beginning of a day to the end of another."""
    known = "SELECT person_id, kind, from_at FROM stop WHERE person_id = ANY (%s)"
    return _Chunk(context, rows).write(rows, "stop", _STOP, _stop, known)


def _stop(chunk: _Chunk, person: FoundPerson, values: dict[str, Any]) -> Any:
    debt_id = None
    if values["account"] is not None:
        debt = chunk.resolver.debt(values["lender"], values["account"])
        if debt is None or debt.person_id != person.id:
            return "account", "unknown_account"
        debt_id = debt.id
    from_at = datetime.combine(values["from_on"], time(), BEIJING)
    until_on = values["until_on"]
    until_at = datetime.combine(until_on + timedelta(days=1), time(), BEIJING) if until_on is not None else None
    key = (person.id, values["kind"], from_at)
    row = (
        person.id,
        ids.take(),
        values["kind"],
        debt_id,
        from_at,
        until_at,
        values["ground"],
        "import",
        chunk.context.file_id,
    )
    return key, row


def write_residences(context: RowsContext, rows: Placed) -> Written:
    """Where persons live; one who lived there already is unchanged, and whatever was known before stays."""
    known = (
        "SELECT * FROM (SELECT DISTINCT ON (person_id) person_id, division FROM residence WHERE person_id = ANY (%s)"
        " ORDER BY person_id, id DESC) latest"
    )
    return _Chunk(context, rows).write(rows, "residence", _RESIDENCE, _residence, known)


def _residence(chunk: _Chunk, person: FoundPerson, values: dict[str, Any]) -> Any:
    division = values["division"]
    return (person.id, division), (person.id, ids.take(), division, "file", chunk.context.at, chunk.context.file_id)


def write_notes(context: RowsContext, rows: Placed) -> Written:
    """Notes of the past; the first case that is opened for the person takes them over."""
    known = "SELECT person_id, at, author, action FROM note WHERE person_id = ANY (%s)"
    return _Chunk(context, rows).write(rows, "note", _NOTE, _note, known)


def _note(chunk: _Chunk, person: FoundPerson, values: dict[str, Any]) -> Any:
    note_id, author = ids.take(), values["author"] or "import"
    key = (person.id, values["at"], author, values["action"])
    row = (
        person.id,
        note_id,
        values["at"],
        author,
        values["action"],
        values["outcome"],
        values["overdue_reason"],
        chunk.codes_version,
        seal_note(person.seal(), values["words"] or "", note_id),
        values["next_step"],
        values["next_step_at"],
        chunk.context.file_id,
    )
    return key, row
