"""Keys change while work goes on: nothing is unreadable at any moment, wherever a rotation dies it ends the same."""

import os
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connections, transaction

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, decided, propose_sms, recorded_call, refused_by_database, rows
from housework import open_owner
from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.store import keyring
from zhizhi.store.imports.rows import open_refused
from zhizhi.store.keyring import list_seal, person_seal, product_seal, service
from zhizhi.store.people.rows import Masked, PersonSecrets, open_point
from zhizhi.store.personal import Form
from zhizhi.store.recordings.reads import load_recording, open_recording
from zhizhi.store.rotation import data_keys, roots, wrapping
from zhizhi.store.rotation.columns import columns_of
from zhizhi.store.rotation.data_keys import announce, wait_for_readers
from zhizhi.store.rotation.rotate import bring_on, rotate_data, rotate_root, rotate_wrapping, standing
from zhizhi.store.rotation.runs import RotationRefused, move, under_way
from zhizhi.store.transact.gate import Stale, commit_decisions
from zhizhi.store.transact.person import writing
from zhizhi.usecases.propose_contact import Proposed

BOOK = 24
PATIENCE_SECONDS = 120.0
ROTATIONS: dict[str, Callable[[Callable[[str, int], None]], object]] = {
    "wrapping": lambda told: rotate_wrapping(TEN, told),
    "data": lambda told: rotate_data(TEN, told, 0.0),
    "root": lambda told: rotate_root(TEN, told),
}


class Killed(BaseException):
    """Stands for the end of the process: nothing of the product catches it."""


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> list[Borrower]:
    """Persons with everything that is sealed: contents, a recording, a changed name, refused rows."""
    open_owner(store)
    lender = make_lender()
    by = make_staff("collector", "collector", lender, 50).pk
    people = [make_borrower(lender, n, name="测某某" if n else "测某") for n in range(BOOK)]
    for who in people[:3]:
        assert isinstance(propose_sms(who, by, TEN), Proposed)
    objects_folder = tmp_path_factory.mktemp("objects")
    recorded_call(people[3], by, TEN, objects_folder)
    with psycopg.connect(store, autocommit=True) as owner:
        sealed = product_seal("import/refused").close_json(["测某", "x"], "refused/1/7")
        owner.execute(
            "INSERT INTO imported_file (id, lender_id, kind, name, digest, map_digest, map_body, header, state,"
            " started_at, rows_total, rows_done, accepted, unchanged, changed, refused, attempts)"
            " VALUES (1, %s, 'accounts', 'x', '', '', '', '[]', 'finished', now(), 0, 0, 0, 0, 0, 1, 0)", [lender.pk]
        )  # fmt: skip
        owner.execute(
            'INSERT INTO refused_row (file_id, row_number, "column", code, reason_zh, reason_en, sealed, refused_at)'
            " VALUES (1, 7, '', '', '', '', %s, now())",
            [sealed],
        )
    with writing(people[0].person) as person, connections["gate"].cursor() as cursor:
        changed = PersonSecrets("测改名", "999999199001010000", "C0").seal(person.seal(), person.id)
        cursor.execute("UPDATE person SET sealed = %s WHERE id = %s", [changed, person.id])
    return people


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches small enough that the book has several."""
    for module, limit in (
        (data_keys, "ANNOUNCED_AT_ONCE"),
        (data_keys, "SEALED_AT_ONCE"),
        (wrapping, "BATCH"),
        (roots, "BATCH"),
    ):
        monkeypatch.setattr(module, limit, 5)


def nothing(_step: str, _n: int) -> None:
    """Nobody is told."""


def everything_opens(people: list[Borrower]) -> int:
    """Every sealed value of the book opens at its place; answers how many there are."""
    found = 0
    for column in columns_of(Form.OF_PERSON, Form.LISTED, Form.OF_PRODUCT):
        for values in rows(f'SELECT {column.fields} FROM {column.table} WHERE length("{column.column}") > 0'):
            key, sealed, beside = column.row(values)
            if column.held.form is Form.OF_PERSON:
                person = key[0]
                ((ring,),) = rows("SELECT data_key FROM person WHERE id = %s", person)
                seal = person_seal(ring)
            else:
                seal = keyring.derived_seal(column.purpose(beside))
            seal.open(sealed, column.place(beside))
            found += 1
    stored = load_recording(people[3].person, rows("SELECT permit_id FROM recording")[0][0])
    assert stored is not None
    assert b"".join(open_recording(stored)), "the octets of a recording stay, and open"
    assert open_refused(1, 7, rows("SELECT sealed FROM refused_row")[0][0]) == ["测某", "x"]
    ((was, ring),) = rows(
        "SELECT f.was ->> 'sealed', p.data_key FROM former_row f JOIN person p ON p.id = f.person_id"
        " WHERE f.\"table\" = 'person' AND f.person_id = %s", people[0].person
    )  # fmt: skip
    former = PersonSecrets.open(person_seal(ring), bytes.fromhex(was.removeprefix("\\x")), people[0].person)
    assert former.name == "测某", "history opens with the ring"
    return found


class Load:
    """Readers and writers beside a rotation, each in a thread with connections of its own."""

    def __init__(self, people: list[Borrower]) -> None:
        self._people, self._over = people, threading.Event()
        self._has_begun = threading.Event()
        self.failed: list[BaseException] = []
        self.served = 0

    def __enter__(self) -> "Load":
        kinds = (self._read, self._read_in_one_transaction, self._read_lists, self._write)
        self._threads = [threading.Thread(target=self._keep_on, args=(one,)) for one in kinds]
        for thread in self._threads:
            thread.start()
        assert self._has_begun.wait(PATIENCE_SECONDS), "nothing is served"
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _keep_on(self, request: Callable[[Borrower], None]) -> None:
        try:
            while not self._over.is_set():
                for who in self._people:
                    request(who)
                    self.served += 1
                    self._has_begun.set()
        except Exception as error:
            self.failed.append(error)
        finally:
            self._has_begun.set()
            connections.close_all()

    def _read(self, who: Borrower) -> None:
        ((ring, sealed),) = rows(
            "SELECT p.data_key, o.sealed FROM person p JOIN point o ON o.person_id = p.id WHERE p.id = %s", who.person
        )
        assert open_point(person_seal(ring), sealed, who.mobile) == who.number

    def _read_in_one_transaction(self, who: Borrower) -> None:
        with transaction.atomic(using="gate"):
            ((ring,),) = rows("SELECT data_key FROM person WHERE id = %s", who.person)
            threading.Event().wait(0.002)  # as a page that does something in between
            ((sealed,),) = rows("SELECT sealed FROM point WHERE person_id = %s AND id = %s", who.person, who.mobile)
            assert open_point(person_seal(ring), sealed, who.mobile) == who.number

    def _read_lists(self, who: Borrower) -> None:
        ((lender, masked),) = rows("SELECT lender_id, masked FROM person WHERE id = %s", who.person)
        assert Masked.open(list_seal(lender), masked, who.person).number.startswith("100")

    def _write(self, who: Borrower) -> None:
        with writing(who.person) as person, connections["gate"].cursor() as cursor:
            cursor.execute("SELECT sealed FROM party WHERE person_id = %s AND id = %s", [who.person, who.party])
            opened = person.seal().open(cursor.fetchone()[0], f"party/{who.party}")
            closed = person.seal().close(opened, f"party/{who.party}")
            cursor.execute(
                "UPDATE party SET sealed = %s WHERE person_id = %s AND id = %s", [closed, who.person, who.party]
            )


@pytest.mark.parametrize("kind", ROTATIONS)
@pytest.mark.usefixtures("small_steps")
def test_while_keys_change_no_request_fails_and_afterwards_all_is_under_the_new_ones(
    kind: str, book: list[Borrower]
) -> None:
    before = everything_opens(book)
    with Load(book) as load:
        ROTATIONS[kind](nothing)
    assert load.failed == []
    assert load.served > 0
    assert everything_opens(book) == before
    found = standing()
    assert found.unfinished is None
    assert found.rings == (BOOK, BOOK)
    assert found.values[0] == found.values[1] > BOOK


@pytest.mark.usefixtures("small_steps")
def test_under_a_new_data_key_the_old_one_alone_opens_no_row(book: list[Borrower]) -> None:
    olds = {person: keyring.opened_rings([ring])[0] for person, ring in rows("SELECT id, data_key FROM person")}
    rotate_data(TEN, nothing, 0.0)
    for column in columns_of(Form.OF_PERSON):
        for values in rows(f'SELECT {column.fields} FROM {column.table} WHERE length("{column.column}") > 0'):
            key, sealed, beside = column.row(values)
            with pytest.raises(KeyUnavailable):
                keyring.Seal(olds[key[0]]).open(sealed, column.place(beside))
    assert {len(column.table) for column in columns_of(Form.OF_PERSON)}, "the register names sealed columns"


@pytest.mark.parametrize("kind", ROTATIONS)
@pytest.mark.usefixtures("small_steps")
def test_killed_after_any_step_and_started_again_it_ends_the_same(kind: str, book: list[Borrower]) -> None:
    keys, before = standing(), everything_opens(book)
    for death in range(100):
        left = iter(range(death, -1, -1))

        def die(_step: str, _n: int, left: Iterator[int] = left) -> None:
            if next(left) == 0:
                raise Killed

        try:
            ROTATIONS[kind](die)
        except Killed:
            assert everything_opens(book) == before
            continue
        break
    assert death > 1, "it was killed at several steps"
    found = standing()
    assert found.unfinished is None
    assert found.rings[0] == found.rings[1]
    assert found.values[0] == found.values[1]
    made = (found.wrapping - keys.wrapping, found.root - keys.root)
    assert made == {"wrapping": (1, 0), "data": (0, 0), "root": (0, 1)}[kind], "one version for one rotation"
    sizes = {len(ring) for ring in keyring.opened_rings([ring for (ring,) in rows("SELECT data_key FROM person")])}
    assert len(sizes) == 1, "each person has as many keys as every other"


def test_two_rotations_at_once_are_refused_and_so_is_another_kind_before_the_end(book: list[Borrower]) -> None:
    refused: list[object] = []

    def ask(_step: str, _n: int) -> None:
        def other() -> None:
            try:
                rotate_root(TEN, nothing)
            except RotationRefused as error:
                refused.append(error.code)
            finally:
                connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        raise Killed

    with pytest.raises(Killed):
        rotate_wrapping(TEN, ask)
    assert refused == ["rotation_busy"]
    with pytest.raises(RotationRefused) as caught:
        rotate_data(TEN, nothing, 0.0)
    assert caught.value.code == "rotation_unfinished"
    rotate_wrapping(TEN, nothing)


def test_a_new_key_is_not_used_while_a_transaction_lives_that_may_hold_the_old_ring(book: list[Borrower]) -> None:
    waits: list[int] = []
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic(using="gate"):
            ((ring,),) = rows("SELECT data_key FROM person WHERE id = %s", book[5].person)
            reading.set()
            assert done.wait(PATIENCE_SECONDS)
            ((sealed,),) = rows("SELECT sealed FROM point WHERE person_id = %s", book[5].person)
            assert open_point(person_seal(ring), sealed, book[5].mobile) == book[5].number
        connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    assert reading.wait(PATIENCE_SECONDS)
    with under_way("data", TEN) as row:
        move(row, "announcing")
        announce(row, lambda _mark: None)
        move(row, "waiting")

        def told(readers: int) -> None:
            waits.append(readers)
            done.set()

        wait_for_readers(0.0, told)
    thread.join()
    assert waits
    assert set(waits) == {1}
    rotate_data(TEN, nothing, 0.0)


def test_a_contact_prepared_under_the_old_key_is_stale(book: list[Borrower]) -> None:
    prepared = decided(book[8], rows("SELECT data_key FROM person WHERE id = %s", book[8].person)[0][0])
    rotate_data(TEN, nothing, 0.0)
    assert commit_decisions([prepared]) == [Stale(book[8].person)]


def test_history_is_kept_of_no_rotation_and_holds_no_data_key(book: list[Borrower]) -> None:
    before = rows("SELECT count(*) FROM former_row")
    for rotate in ROTATIONS.values():
        rotate(nothing)
    assert rows("SELECT count(*) FROM former_row") == before
    assert rows("SELECT count(*) FROM former_row WHERE was ? 'data_key'") == [(0,)]


def test_a_login_that_does_not_own_the_tables_cannot_claim_a_rotation(book: list[Borrower], store: str) -> None:
    from zhizhi.config.databases import database_of

    gate = database_of(store, "zhizhi_gate")
    with psycopg.connect(
        dbname=gate["NAME"], host=gate["HOST"], port=gate["PORT"] or None, user="zhizhi_gate", password=gate["PASSWORD"]
    ) as login:
        login.execute("SELECT set_config('zhizhi.resealing', 'on', false)")
        login.commit()
        why = refused_by_database(login, "UPDATE delivery SET sealed = 'x' WHERE person_id = %s", book[0].person)
    assert why == "RestrictViolation"
    before = rows("SELECT count(*) FROM former_row")
    with transaction.atomic(using="gate"), connections["gate"].cursor() as cursor:
        cursor.execute("SELECT set_config('zhizhi.resealing', 'on', true)")
        cursor.execute("UPDATE party SET role = 'guarantor' WHERE person_id = %s", [book[9].person])
    assert rows("SELECT count(*) FROM former_row") == [(before[0][0] + 1,)]


def test_a_rotation_begins_and_ends_with_a_leaf_and_says_when_nothing_is_left(book: list[Borrower]) -> None:
    before = rows("SELECT count(*) FROM leaf WHERE kind = 'key'")[0][0]
    rotate_wrapping(TEN, nothing)
    assert rows("SELECT count(*) FROM leaf WHERE kind = 'key'")[0][0] == before + 2
    assert bring_on(nothing) == (0, 0)


def test_a_value_that_no_key_opens_is_counted_and_stays(book: list[Borrower], store: str) -> None:
    who = book[-1]
    ((sealed,),) = rows("SELECT sealed FROM party WHERE person_id = %s", who.person)
    broken = bytes(sealed)[:-1] + bytes([bytes(sealed)[-1] ^ 1])
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("UPDATE party SET sealed = %s WHERE person_id = %s", [broken, who.person])
        done = rotate_data(TEN, nothing, 0.0)
        assert done.unopened == 1
        assert rows("SELECT sealed FROM party WHERE person_id = %s", who.person) == [(broken,)]
        owner.execute("UPDATE party SET sealed = %s WHERE person_id = %s", [sealed, who.person])


def test_a_full_ring_is_refused_before_anything_is_changed(book: list[Borrower], store: str) -> None:
    ((ring,),) = rows("SELECT data_key FROM person WHERE id = %s", book[-1].person)
    keys = keyring.opened_rings([ring])[0]
    full = service().wrap_many([keys + os.urandom(512 - len(keys))])[0]
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("UPDATE person SET data_key = %s WHERE id = %s", [full, book[-1].person])
        with pytest.raises(RotationRefused) as caught:
            rotate_data(TEN, nothing, 0.0)
        owner.execute("UPDATE person SET data_key = %s WHERE id = %s", [ring, book[-1].person])
    assert caught.value.code == "ring_full"
    assert standing().unfinished is None
