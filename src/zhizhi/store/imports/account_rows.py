"""Rows of an accounts file become sealed rows: who is known already, what is new, what changed; runs in any process.

A chunk needs three questions to the database whatever its size. Nothing is written here.
"""

from collections.abc import Sequence
from json.encoder import encode_basestring as json_text

from zhizhi.store.imports import staging
from zhizhi.store.imports.account_keys import POINTS, SCOPE_BYTES, KeyedColumns, KeyedRow, key_columns
from zhizhi.store.imports.account_values import (
    AccountColumns,
    AccountRow,
    AccountValues,
    Book,
    BuiltChunk,
    amounts_of,
    picked,
    state_of,
)
from zhizhi.store.imports.keys import BulkSearchKeys
from zhizhi.store.imports.known import Known, KnownDebt, KnownPerson, load_known
from zhizhi.store.imports.new_accounts import (
    DEBT,
    ENTRY,
    IDS_A_ROW,
    KINDS,
    MOBILES,
    PARTY,
    POINT,
    Desk,
    add_new,
    plain_places,
)
from zhizhi.store.imports.sealing import FreshKeys, Nonces, subjects_of
from zhizhi.store.keyring import Seal, list_seal
from zhizhi.store.people.rows import Masked, PersonSecrets, mask_name, mask_number

SEALS_A_ROW = 4 + len(POINTS)
_NO_FORMS = staging.octets(b"") * 3


def ids_needed(rows: int, months: int) -> int:
    """How many fresh ids a chunk may use."""
    return rows * (IDS_A_ROW + 2 * months)


class AccountBuilder:
    """Builds the rows of chunks; one a process."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._desks = {
            code: Desk(book, lender_id, BulkSearchKeys(lender_id), list_seal(lender_id))
            for code, lender_id in book.lenders.items()
        }

    def build(self, rows: AccountColumns, ids: range, months: int = 0) -> BuiltChunk:
        """Seal and key a chunk; `ids` are `ids_needed` fresh ids, so many a row from its own first one on."""
        built = BuiltChunk()
        of_lenders: dict[str, list[int]] = {}
        for place, (lender, agency) in enumerate(zip(rows.of("lender"), rows.of("agency"), strict=True)):
            if lender not in self._book.lenders:
                built.refused.append((rows.positions[place], "lender", "unknown_lender"))
            elif agency is not None and agency not in self._book.agencies:
                built.refused.append((rows.positions[place], "agency", "unknown_agency"))
            else:
                of_lenders.setdefault(lender, []).append(place)
        firsts = ids[:: IDS_A_ROW + 2 * months]
        for lender, places in of_lenders.items():
            desk = self._desks[lender]
            keyed = key_columns(rows.only(places), desk.lender_id, desk.keys, self._book.map_digest)
            self._build(keyed, [firsts[place] for place in places], desk, built)
        built.sort()
        return built

    def _build(self, keyed: KeyedColumns, firsts: Sequence[int], desk: Desk, built: BuiltChunk) -> None:
        """The rows of one lender: the most of a first book at once, all others one by one."""
        known = load_known(desk.lender_id, keyed.people, keyed.accounts)
        plain = (
            [] if keyed.rows.months else plain_places(keyed, known.erased | known.people.keys() | known.debts.keys())
        )
        if plain:
            add_new(keyed.only(plain), picked(firsts, plain), desk, built)
        left = sorted(set(range(len(keyed.rows))).difference(plain))
        chunk = _Chunk(desk, known, built, keyed.only(left))
        seen: set[bytes] = set()
        for place in left:
            one = keyed.row(place)
            if one.account in seen:
                built.refused.append((one.row.position, "account", "duplicate_in_file"))
                continue
            seen.add(one.account)
            chunk.add(one, firsts[place])


class _Chunk:
    """Rows of one lender while they are built one by one."""

    def __init__(self, desk: Desk, known: Known, built: BuiltChunk, keyed: KeyedColumns) -> None:
        self._desk = desk
        self._book = desk.book
        self._keys = desk.keys
        self._known = known
        self._built = built
        fresh = FreshKeys(len(set(keyed.people) - known.people.keys()))
        self._fresh = zip(fresh.keys, fresh.wrapped, subjects_of(fresh.subjects), strict=True)
        self._nonces = Nonces(len(keyed.rows) * SEALS_A_ROW)
        self._has_months = bool(keyed.rows.months)

    def add(self, one: KeyedRow, base: int) -> None:
        """Build one row; `base` is the first of its ids."""
        built, values, person_key = self._built, one.row.values, one.person
        debt = self._known.debts.get(one.account)
        if debt is not None:
            wrong = self._wrong_debt(debt, one)
            if wrong is not None:
                built.refused.append((one.row.position, *wrong))
                return
            if debt.row_digest == one.digest:
                built.unchanged += 1
                return
            person_key = debt.person
        if person_key in self._known.erased:
            built.refused.append((one.row.position, "account", "erased_person"))
            return
        person = self._known.people.get(person_key)
        subject, data_key, forms = staging.NO_UUID, None, _NO_FORMS
        if person is None:
            key, data_key, subject = next(self._fresh)
            person = KnownPerson(base, base + PARTY, key, True, one.customer_key)
            self._known.people[person_key] = person
            seal = Seal(key)
            forms = self._sealed(values, person, seal)
        else:
            seal = Seal(person.ring)
            if not person.is_new and person.sealed:
                self._rename(one, person, seal)
        debt_id = debt.debt_id if debt is not None else base + DEBT
        built.positions.append(one.row.position)
        built.people.append(person_key)
        built.debts.append(one.account)
        built.is_new.append(debt is None)
        balance = sum([amount or 0 for amount in amounts_of(values)])
        built.accounts.append(
            self._head(one, person, (person_key, subject), (debt_id, base + ENTRY), data_key is not None, debt is None)
            + forms
            + staging.octets(self._nonces.close(seal, values.account.encode(), b"debt/%d" % debt_id))
            + staging.octets(data_key)
            + staging.words(
                values.product,
                values.currency or "CNY",
                state_of(values.state, balance, values.oldest_unpaid_due_on, self._book.as_of),
                values.rate,
            )
        )
        built.points.append(self._points(one, person, seal, base + POINT))
        if debt is not None:
            gone = set(person.points) - person.next_points
            built.former_points += [(person.person_id, person.points[value_key]) for value_key in sorted(gone)]
        if self._has_months:
            self._months(one.row, person, debt_id, base + IDS_A_ROW)

    def _wrong_debt(self, debt: KnownDebt, one: KeyedRow) -> tuple[str, str] | None:
        if debt.import_id == self._book.file_id:
            return "account", "duplicate_in_file"
        if debt.as_of > self._book.as_of:
            return "account", "older_than_known"
        if debt.person in self._known.erased:
            return "account", "erased_person"
        owner = self._known.people[debt.person]
        if debt.person != one.person and owner.customer_key != one.customer_key:
            return "account", "account_of_another"
        return None

    def _sealed(self, values: AccountValues, person: KnownPerson, seal: Seal) -> bytes:
        """The sealed forms of a new person, as `store/people/rows.py` opens them."""
        name = json_text(values.name)
        id_number = f'"{values.id_number}"' if values.id_number is not None else "null"
        secrets = f'{{"name":{name},"id_number":{id_number},"customer_number":{json_text(values.customer)}}}'
        masked = f"[{json_text(mask_name(values.name))},{json_text(mask_number(values.mobile or ''))}]"
        party = f'{{"name":{name},"relation":""}}'
        person_id, party_id, close = person.person_id, person.party_id, self._nonces.close
        return (
            staging.octets(close(seal, secrets.encode(), b"person/%d" % person_id))
            + staging.octets(close(self._desk.masks, masked.encode(), b"masked/%d" % person_id))
            + staging.octets(close(seal, party.encode(), b"party/%d" % party_id))
        )

    def _head(
        self,
        one: KeyedRow,
        person: KnownPerson,
        of_person: tuple[bytes, bytes],
        of_debt: tuple[int, int],
        is_new_person: bool,
        is_new_debt: bool,
    ) -> bytes:
        """The fixed part of the staging row of an account."""
        values = one.row.values
        amounts = [amount or 0 for amount in amounts_of(values)]
        person_key, subject = of_person
        return staging.ACCOUNT_HEAD.one(
            person.person_id,
            person.party_id,
            *of_debt,
            self._desk.lender_id,
            one.customer_key,
            one.name_key,
            *amounts,
            sum(amounts),
            staging.NO_NUMBER if one.id_number_key is None else one.id_number_key,
            staging.NO_NUMBER if values.id_number is None else self._keys.last_four(values.id_number),
            staging.NO_NUMBER if values.agency is None else self._book.agencies[values.agency],
            subject,
            person_key[SCOPE_BYTES:],
            one.account[SCOPE_BYTES:],
            one.digest,
            *staging.days((values.opened_on, values.oldest_unpaid_due_on)),
            is_new_person,
            is_new_debt,
        )

    def _rename(self, one: KeyedRow, person: KnownPerson, seal: Seal) -> None:
        """Of a known person, only what a changed name or identity number makes necessary."""
        values = one.row.values
        was = PersonSecrets.open(seal, person.sealed, person.person_id)
        now = PersonSecrets(values.name, values.id_number or was.id_number, values.customer)
        same_customer = one.customer_key == person.customer_key
        if was.name == now.name and was.id_number == now.id_number:
            return
        keys = self._keys
        sealed = PersonSecrets(now.name, now.id_number, now.customer_number if same_customer else was.customer_number)
        masked = Masked(mask_name(values.name), mask_number(values.mobile or ""))
        id_number = now.id_number
        self._built.renamed.append(
            (
                person.person_id,
                person.party_id,
                sealed.seal(seal, person.person_id),
                masked.seal(self._desk.masks, person.person_id),
                seal.close_json({"name": values.name, "relation": ""}, f"party/{person.party_id}"),
                one.name_key,
                keys.number("id_number", id_number) if id_number else None,
                keys.last_four(id_number) if id_number else None,
            )
        )
        person.sealed = b""

    def _points(self, one: KeyedRow, person: KnownPerson, seal: Seal, first_id: int) -> bytes:
        records = []
        values = one.row.values
        said = (values.mobile, values.mobile_2, values.email, values.address)
        for place, (value, value_key) in enumerate(zip(said, one.point_keys, strict=True)):
            if value is None or value_key is None:
                continue
            person.next_points.add(value_key)
            if value_key in person.points:
                continue
            point_id = person.points[value_key] = first_id + place
            last_four = self._keys.last_four(value) if place < MOBILES else staging.NO_NUMBER
            records.append(
                staging.POINT_HEAD.one(person.person_id, point_id, person.party_id, value_key, last_four, KINDS[place])
                + staging.octets(self._nonces.close(seal, value.encode(), b"point/%d" % point_id))
            )
        return b"".join(records)

    def _months(self, row: AccountRow, person: KnownPerson, debt_id: int, first_id: int) -> None:
        built, person_id = self._built, person.person_id
        instalments = [
            staging.instalment_record(person_id, row_id, debt_id, *one)
            for row_id, one in enumerate(row.instalments, first_id)
        ]
        payments = []
        for row_id, payment in enumerate(row.payments, first_id + len(row.instalments)):
            keys = self._keys
            reference = keys.identity_octets("payment", f"{row.values.account}/{payment.month}")
            payments.append(
                staging.payment_record(person_id, row_id, debt_id, payment.amount, reference, payment.paid_on)
            )
        built.instalments.append(b"".join(instalments))
        built.payments.append(b"".join(payments))
