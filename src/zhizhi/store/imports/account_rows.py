"""Rows of an accounts file become sealed rows: who is known already, what is new, what changed; runs in any process.

A chunk needs three questions to the database whatever its size. Nothing is written here.
"""

from collections.abc import Sequence
from datetime import date
from json.encoder import encode_basestring as json_text

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhizhi.store.imports import staging
from zhizhi.store.imports.account_keys import KeyedRow, key_rows
from zhizhi.store.imports.account_values import AccountRow, AccountValues, Book, BuiltChunk
from zhizhi.store.imports.keys import BulkSearchKeys
from zhizhi.store.imports.known import Known, KnownDebt, KnownPerson, load_known
from zhizhi.store.imports.sealing import FreshKeys, Nonces, SealOf, list_cipher
from zhizhi.store.people.rows import Masked, PersonSecrets, mask_name, mask_number

ENTRY_IDS = 7  # an opening or adjusting entry a component
KINDS_OF_POINTS = (b"mobile", b"mobile", b"email", b"postal")
_MOBILES = 2  # the first of them; only a telephone number is found by its last four digits
IDS_A_ROW = 3 + ENTRY_IDS + len(KINDS_OF_POINTS)
SEALS_A_ROW = 4 + len(KINDS_OF_POINTS)
_NO_FORMS = staging.octets(b"") * 3


def ids_needed(rows: int, months: int) -> int:
    """How many fresh ids a chunk may use."""
    return rows * (IDS_A_ROW + 2 * months)


class AccountBuilder:
    """Builds the rows of chunks; one a process."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._keys = {code: BulkSearchKeys(lender_id) for code, lender_id in book.lenders.items()}
        self._lists = {code: list_cipher(lender_id) for code, lender_id in book.lenders.items()}

    def build(self, rows: Sequence[AccountRow], ids: range, months: int = 0) -> BuiltChunk:
        """Seal and key a chunk; `ids` are `ids_needed` fresh ids, so many a row from its own first one on."""
        built = BuiltChunk()
        keyed = self._keyed([row for row in rows if self._passes(row, built)])
        people = {one.person for one in keyed}
        chunk = _Chunk(self._book, self._keys, self._lists, self._known(keyed), built, len(people), len(keyed))
        seen: set[bytes] = set()
        for base, one in zip(ids[:: IDS_A_ROW + 2 * months], keyed, strict=False):
            if one.account in seen:
                built.refused.append((one.row.position, "account", "duplicate_in_file"))
                continue
            seen.add(one.account)
            chunk.add(one, base)
        return built

    def _passes(self, row: AccountRow, built: BuiltChunk) -> bool:
        values = row.values
        if values.lender not in self._book.lenders:
            built.refused.append((row.position, "lender", "unknown_lender"))
        elif values.agency is not None and values.agency not in self._book.agencies:
            built.refused.append((row.position, "agency", "unknown_agency"))
        else:
            return True
        return False

    def _keyed(self, rows: Sequence[AccountRow]) -> list[KeyedRow]:
        """The rows with their hashes, in the order of the file."""
        of_lenders: dict[str, list[AccountRow]] = {}
        for row in rows:
            of_lenders.setdefault(row.values.lender, []).append(row)
        keyed: list[KeyedRow] = []
        for code, own in of_lenders.items():
            keyed += key_rows(own, self._book.lenders[code], self._keys[code], self._book.map_digest)
        if len(of_lenders) > 1:
            keyed.sort(key=lambda one: one.row.position)
        return keyed

    def _known(self, keyed: Sequence[KeyedRow]) -> Known:
        pairs: dict[int, list[tuple[bytes, bytes]]] = {}
        for one in keyed:
            pairs.setdefault(self._book.lenders[one.row.values.lender], []).append((one.person, one.account))
        return load_known(pairs)


class _Chunk:
    """One chunk while it is built."""

    def __init__(
        self,
        book: Book,
        keys: dict[str, BulkSearchKeys],
        lists: dict[str, AESGCM],
        known: Known,
        built: BuiltChunk,
        people: int,
        rows: int,
    ) -> None:
        self._book = book
        self._keys = keys
        self._lists = lists
        self._known = known
        self._built = built
        self._fresh = FreshKeys(people - len(known.people))
        self._nonces = Nonces(rows * SEALS_A_ROW)

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
            key, data_key, subject = self._fresh.take()
            person = KnownPerson(base, base + 1, key, True, one.customer_key)
            self._known.people[person_key] = person
            cipher = AESGCM(key)
            forms = self._sealed(values, person, cipher)
        else:
            cipher = AESGCM(person.data_key)
            if not person.is_new and person.sealed:
                self._rename(one, person, SealOf(cipher))
        debt_id = debt.debt_id if debt is not None else base + 2
        amounts = tuple([amount or 0 for amount in values[10:17]])
        balance = sum(amounts)
        built.positions.append(one.row.position)
        built.people.append(person_key)
        built.debts.append(one.account)
        built.is_new.append(debt is None)
        built.accounts.append(
            staging.account_record(
                (person.person_id, person.party_id, debt_id, base + 3),
                (self._book.lenders[values.lender], one.customer_key, one.name_key),
                (*amounts, balance),
                (subject, person_key[8:], one.account[8:], one.digest),
                is_new_person=data_key is not None,
                is_new_debt=debt is None,
            )
            + forms
            + self._rest(one, cipher, data_key, debt_id, balance)
        )
        built.points.append(self._points(one, person, cipher, base + 3 + ENTRY_IDS))
        if debt is not None:
            gone = set(person.points) - person.next_points
            built.former_points += [(person.person_id, person.points[value_key]) for value_key in sorted(gone)]
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

    def _sealed(self, values: AccountValues, person: KnownPerson, cipher: AESGCM) -> bytes:
        """The sealed forms of a new person, as `store/people/rows.py` opens them."""
        name = json_text(values.name)
        id_number = f'"{values.id_number}"' if values.id_number is not None else "null"
        secrets = f'{{"name":{name},"id_number":{id_number},"customer_number":{json_text(values.customer)}}}'
        masked = f"[{json_text(mask_name(values.name))},{json_text(mask_number(values.mobile or ''))}]"
        party = f'{{"name":{name},"relation":""}}'
        person_id, party_id, seal = person.person_id, person.party_id, self._nonces.seal
        return (
            staging.octets(seal(cipher, secrets.encode(), b"person/%d" % person_id))
            + staging.octets(seal(self._lists[values.lender], masked.encode(), b"masked/%d" % person_id))
            + staging.octets(seal(cipher, party.encode(), b"party/%d" % party_id))
        )

    def _rest(self, one: KeyedRow, cipher: AESGCM, data_key: bytes | None, debt_id: int, balance: int) -> bytes:
        """The fields of a staging row behind the sealed forms of its person."""
        values = one.row.values
        last_four = None
        if values.id_number is not None:
            last_four = self._keys[values.lender].last_four(values.id_number)
        return b"".join(
            (
                staging.octets(self._nonces.seal(cipher, values.account.encode(), b"debt/%d" % debt_id)),
                staging.word(values.product),
                staging.word(values.currency or "CNY"),
                staging.word(_state_of(values, balance, self._book.as_of)),
                staging.octets(data_key),
                staging.number(one.id_number_key),
                staging.number(last_four),
                staging.number(self._book.agencies[values.agency] if values.agency is not None else None),
                staging.day(values.opened_on),
                staging.day(values.oldest_unpaid_due_on),
                staging.word(str(values.rate)) if values.rate is not None else staging.NULL,
            )
        )

    def _rename(self, one: KeyedRow, person: KnownPerson, seal: SealOf) -> None:
        """Of a known person, only what a changed name or identity number makes necessary."""
        values = one.row.values
        was = PersonSecrets.open(seal, person.sealed, person.person_id)
        now = PersonSecrets(values.name, values.id_number or was.id_number, values.customer)
        same_customer = one.customer_key == person.customer_key
        if was.name == now.name and was.id_number == now.id_number:
            return
        keys = self._keys[values.lender]
        sealed = PersonSecrets(now.name, now.id_number, now.customer_number if same_customer else was.customer_number)
        masked = Masked(mask_name(values.name), mask_number(values.mobile or ""))
        id_number = now.id_number
        self._built.renamed.append(
            (
                person.person_id,
                person.party_id,
                sealed.seal(seal, person.person_id),
                masked.seal(SealOf(self._lists[values.lender]), person.person_id),
                seal.close_json({"name": values.name, "relation": ""}, f"party/{person.party_id}"),
                one.name_key,
                keys.number("id_number", id_number) if id_number else None,
                keys.last_four(id_number) if id_number else None,
            )
        )
        person.sealed = b""

    def _points(self, one: KeyedRow, person: KnownPerson, cipher: AESGCM, first_id: int) -> bytes:
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
            records.append(
                staging.point_record(
                    person.person_id,
                    point_id,
                    person.party_id,
                    value_key,
                    KINDS_OF_POINTS[place],
                    self._nonces.seal(cipher, value.encode(), b"point/%d" % point_id),
                    self._keys[values.lender].last_four(value) if place < _MOBILES else None,
                )
            )
        return b"".join(records)

    def _months(self, row: AccountRow, person: KnownPerson, debt_id: int, first_id: int) -> None:
        built, person_id = self._built, person.person_id
        if not row.instalments and not row.payments:
            built.instalments.append(b"")
            built.payments.append(b"")
            return
        instalments = [
            staging.instalment_record(person_id, row_id, debt_id, *one)
            for row_id, one in enumerate(row.instalments, first_id)
        ]
        payments = []
        for row_id, payment in enumerate(row.payments, first_id + len(row.instalments)):
            keys = self._keys[row.values.lender]
            reference = keys.identity_octets("payment", f"{row.values.account}/{payment.month}")
            payments.append(
                staging.payment_record(person_id, row_id, debt_id, payment.amount, reference, payment.paid_on)
            )
        built.instalments.append(b"".join(instalments))
        built.payments.append(b"".join(payments))


def _state_of(values: AccountValues, balance: int, as_of: date) -> str:
    if values.state is not None:
        return values.state
    due = values.oldest_unpaid_due_on
    return "overdue" if balance and due is not None and due < as_of else "not_due"
