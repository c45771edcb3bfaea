"""Contact persons that a borrower named."""

from collections import Counter
from typing import Any

from django.db import connections

from zhizhi.core.kernel.limits import CONTACT_PERSONS_MAX
from zhizhi.store.ids import ids
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.imports.resolve import FoundPerson, Resolver, insert_rows
from zhizhi.store.people.rows import PartySecrets, normal_form, seal_point
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written

_PARTY = ("person_id", "id", "role", "sealed", "is_named_by_debtor", "import_id")
_POINT = (
    "person_id",
    "id",
    "party_id",
    "kind",
    "sealed",
    "value_key",
    "last_four_key",
    "is_reserved",
    "source",
    "import_id",
)


def write_contact_persons(context: RowsContext, rows: Placed) -> Written:
    """A person's n-th contact person is the n-th party of that role; the label of the row ends in n."""
    written = Written()
    lenders, _ = load_codes()
    resolver = Resolver(lenders)
    resolver.load_persons((values["lender"], values["customer"]) for _, values in rows)
    found = {position: resolver.person(values["lender"], values["customer"]) for position, values in rows}
    resolver.load_parties(person.id for person in found.values() if person is not None)
    parties: list[tuple[Any, ...]] = []
    points: list[tuple[Any, ...]] = []
    seen: set[tuple[int, str]] = set()
    named_of: Counter[int] = Counter()
    for position, values in rows:
        person = found[position]
        if person is None:
            lacks_lender = resolver.lender(values["lender"]) is None
            refusal = ("lender", "unknown_lender") if lacks_lender else ("customer", "unknown_person")
            written.refused.append((position, *refusal))
            continue
        if (person.id, values["party"]) in seen:
            written.refused.append((position, "party", "duplicate_in_file"))
            continue
        seen.add((person.id, values["party"]))
        known = resolver.party(person.id, values["party"])
        if known is not None and known.role == "contact":
            _compare(person, known.id, values, written)
            continue
        if _contacts_of(resolver, person.id) + named_of[person.id] >= CONTACT_PERSONS_MAX:
            written.refused.append((position, "party", "too_many_contacts"))
            continue
        named_of[person.id] += 1
        party_id = ids.take()
        secrets = PartySecrets(values["name"], values["relation"] or "")
        seal = person.seal()
        named = values["named_by_debtor"]
        parties.append((person.id, party_id, "contact", secrets.seal(seal, party_id), named, context.file_id))
        if values["mobile"] is not None:
            keys, point_id, mobile = resolver.keys(person.lender_id), ids.take(), values["mobile"]
            points.append(
                (
                    person.id,
                    point_id,
                    party_id,
                    "mobile",
                    seal_point(seal, mobile, point_id),
                    keys.number("point", normal_form(mobile)),
                    keys.number("last_four", mobile[-4:]),
                    False,
                    "given",
                    context.file_id,
                )
            )
        written.new += 1
    insert_rows("party", _PARTY, parties)
    insert_rows("point", _POINT, points)
    return written


def _contacts_of(resolver: Resolver, person_id: int) -> int:
    """How many contact persons somebody has from files before, or from a part of this one."""
    return sum(party.role == "contact" for party in resolver.parties(person_id))


def _compare(person: FoundPerson, party_id: int, values: dict[str, Any], written: Written) -> None:
    """A known contact person whose name or relation changed is a change with history."""
    seal = person.seal()
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT sealed, is_named_by_debtor FROM party WHERE person_id = %s AND id = %s", [person.id, party_id]
        )
        sealed, was_named = cursor.fetchone()
        now = PartySecrets(values["name"], values["relation"] or "")
        named = values["named_by_debtor"]
        if PartySecrets.open(seal, sealed, party_id) == now and (named is None or named == was_named):
            written.unchanged += 1
            return
        cursor.execute(
            "UPDATE party SET sealed = %s, is_named_by_debtor = coalesce(%s, is_named_by_debtor) WHERE person_id ="
            " %s AND id = %s",
            [now.seal(seal, party_id), named, person.id, party_id],
        )
    written.changed += 1
