"""What leaves is counted by the database, exactly, whatever code asks; and a file is known again."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from gatework import at_once, rows
from web.book import AT, Book, make_book
from zhizhi.config.databases import WEB_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.evidence.log import open_log
from zhizhi.store.exports.reads import find_by_file, find_by_rows, find_marks
from zhizhi.store.exports.taking import (
    ExportRefused,
    NewExport,
    keep_export,
    mark_of,
    next_export,
    recipient_key,
    row_digest,
)
from zhizhi.store.exports.words import CLASSES, UNITS_A_DAY, UNITS_ALONE, UNITS_OF_CRIME, DataClass, Kind
from zhizhi.store.lenders.reads import desk_of_login
from zhizhi.store.models import Leaf
from zhizhi.store.select import select
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import reading
from zhizhi.usecases.approvals.asking import Ask, ask, use_approval
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.exports.act import EXPORT

DAY = timedelta(hours=24)


@pytest.fixture(scope="module")
def book(store: str) -> Book:
    """The small book."""
    return make_book()


@pytest.fixture(autouse=True)
def nothing_left(book: Book, store: str) -> Iterator[None]:
    """Each test begins with a day on which nothing left."""
    yield
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("ALTER TABLE export DISABLE TRIGGER USER; ALTER TABLE export_row DISABLE TRIGGER USER")
        owner.execute("UPDATE export SET taken_at = taken_at - interval '90 days'")
        owner.execute("ALTER TABLE export ENABLE TRIGGER USER; ALTER TABLE export_row ENABLE TRIGGER USER")


def new(book: Book, records: int, data_class: DataClass = DataClass.LIFE, **changes: object) -> NewExport:
    """An export of the supervisor's."""
    told: dict[str, object] = {
        "id": next_export(), "kind": Kind.REFUSED_ROWS, "target": "1", "lender_id": book.lender, "person_id": None,
        "data_class": data_class, "rows": records, "recipient": "陈主管", "ground": "补正后重新导入",
        "staff_id": book.staff["super"], "role": "supervisor", "approval_id": None,
        "sha256": hashlib.sha256(b"x").hexdigest(),
    }  # fmt: skip
    return NewExport(**(told | changes))  # type: ignore[arg-type]  # the record's own fields


def keep(export: NewExport, at: object = AT) -> None:
    """Without an approval."""
    keep_export(export, at, lambda: None)  # type: ignore[arg-type]  # an instant


def approved(book: Book, export: NewExport) -> int:
    """A request for this very export that another person approved."""
    request = {
        "kind": export.kind.value, "target": export.target, "what": {"zh": "一", "en": "one"},
        "class": export.data_class.value, "rows": export.rows, "recipient": export.recipient,
    }  # fmt: skip
    asked = ask(EXPORT, Ask(request, "补正后重新导入", book.staff["super"], book.lender), AT)
    standing = load_standing(asked)
    assert standing is not None
    rule(Rule(asked, standing.digest, True, book.staff["head"]), AT)
    return asked


def take(book: Book, export: NewExport, asked: int, at: object = AT) -> None:
    """Use the approval for it."""
    standing = load_standing(asked)
    assert standing is not None
    command = Ask(standing.wanted.request, "x", book.staff["super"], book.lender)
    keep_export(export, at, lambda: use_approval(EXPORT, asked, command, AT))  # type: ignore[arg-type]  # an instant


def test_the_table_is_far_below_the_law_and_classes_add_up_by_ratio() -> None:
    assert {terms.law * terms.units // 2 for terms in CLASSES.values()} == {UNITS_OF_CRIME}
    assert UNITS_A_DAY * 5 <= UNITS_OF_CRIME
    assert [UNITS_A_DAY // terms.units for terms in CLASSES.values()] == [5, 50, 500]
    assert [UNITS_ALONE // terms.units for terms in CLASSES.values()] == [1, 10, 100]


@pytest.mark.parametrize(("data_class", "most"), [(DataClass.CLOSE, 1), (DataClass.LIFE, 10), (DataClass.OTHER, 100)])
def test_one_person_alone_takes_a_few_and_not_one_more(book: Book, data_class: DataClass, most: int) -> None:
    with pytest.raises(ExportRefused, match="second_person"):
        keep(new(book, most + 1, data_class))
    keep(new(book, most, data_class))
    with pytest.raises(ExportRefused, match="second_person"):
        keep(new(book, 1, DataClass.OTHER))
    keep(new(book, 1, data_class), AT + DAY)
    keep(new(book, 0, data_class), AT + 2 * DAY)


def test_with_a_second_person_a_day_has_its_limit_for_the_member_and_for_the_recipient(book: Book) -> None:
    for export, passes in ((new(book, 51), False), (new(book, 50), True), (new(book, 1, recipient="另一人"), False)):
        asked = approved(book, export)
        told = NewExport(**{**slots(export), "approval_id": asked})  # type: ignore[arg-type]  # its fields
        if passes:
            take(book, told, asked)
            continue
        with pytest.raises(ExportRefused, match="over_limit"):
            take(book, told, asked)
    to_the_same = new(book, 1, recipient=" 陈 主管", staff_id=book.staff["head"], role="head")
    with pytest.raises(ExportRefused, match="recipient got 500"):
        keep(to_the_same)
    keep(new(book, 1, staff_id=book.staff["head"], role="head", recipient="孙负责人"))


def slots(export: NewExport) -> dict[str, object]:
    """The fields."""
    return {name: getattr(export, name) for name in NewExport.__slots__}


def test_an_approval_covers_exactly_its_export_once(book: Book) -> None:
    export = new(book, 20)
    asked = approved(book, export)
    for changes in ({"rows": 21}, {"target": "2"}, {"recipient": "另一人"}, {"data_class": DataClass.OTHER},
                    {"kind": Kind.REJECTED_RECORDS}):  # fmt: skip
        other = NewExport(**{**slots(export), "approval_id": asked, **changes})  # type: ignore[arg-type]  # its fields
        with pytest.raises(Exception, match="second person approved"):
            take(book, other, asked)
    whole = NewExport(**{**slots(export), "approval_id": asked})  # type: ignore[arg-type]  # its fields
    take(book, whole, asked)
    with pytest.raises(Exception, match="not_approved"):
        take(book, NewExport(**{**slots(whole), "id": next_export()}), asked)  # type: ignore[arg-type]  # its fields


def test_for_the_regulator_nobody_goes_alone(book: Book) -> None:
    with pytest.raises(ExportRefused, match="second_person"):
        keep(new(book, 1, DataClass.OTHER, kind=Kind.VIEWS))


def test_at_once_they_do_not_pass_the_limit_together(book: Book) -> None:
    answers = at_once([lambda: keep(new(book, 4)) for _ in range(6)])
    assert sum(answer is None for answer in answers) == 2
    assert all(answer is None or isinstance(answer, ExportRefused) for answer in answers)


def test_at_once_two_members_do_not_pass_the_limit_of_one_recipient(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EXPORT_UNITS", DataClass.CLOSE.units)

    def to_one(login: str, role: str) -> Callable[[], None]:
        return lambda: keep(
            new(book, 1, DataClass.CLOSE, staff_id=book.staff[login], role=role, recipient="某律师事务所")
        )

    answers = at_once([to_one("head", "head"), to_one("auditor", "auditor"), to_one("super", "supervisor")])
    assert sum(answer is None for answer in answers) == 1
    assert all(answer is None or isinstance(answer, ExportRefused) for answer in answers)


def test_the_installation_may_set_less_and_never_more(book: Book, monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    monkeypatch.setattr(settings, "EXPORT_UNITS", 10)
    keep(new(book, 1))
    with pytest.raises(ExportRefused):
        keep(new(book, 1))
    monkeypatch.setattr(settings, "EXPORT_UNITS", UNITS_A_DAY + 1)
    with pytest.raises(Exception, match="export_far_below_the_law"):
        keep(new(book, 1, DataClass.OTHER))
    monkeypatch.setenv("ZHIZHI_EXPORT_UNITS", "501")
    import importlib

    from zhizhi.config import settings as module

    with pytest.raises(ImproperlyConfigured):
        importlib.reload(module)
    monkeypatch.delenv("ZHIZHI_EXPORT_UNITS")
    importlib.reload(module)


def test_the_tables_are_only_added_to_and_read_by_those_whom_they_concern(book: Book, store: str) -> None:
    export = new(book, 1, digests=[row_digest(["K1", "一百"])])
    keep(export)
    with psycopg.connect(store, autocommit=True) as owner:
        for statement in ("UPDATE export SET rows = 0", "DELETE FROM export", "DELETE FROM export_row"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)
    assert rows("SELECT count(*) FROM export WHERE id = %s", export.id) == [(1,)]
    lies = (
        "INSERT INTO export (subject, lender_id, kind, target, data_class, rows, units, day_limit, recipient,"
        " recipient_key, ground, staff_id, role, sha256, taken_at) SELECT gen_random_uuid(), lender_id, kind, target,"
        " data_class, 400, 1, 500, 'x', 'x', 'x', staff_id, role, 'x', taken_at FROM export LIMIT 1"
    )
    with pytest.raises(psycopg.errors.RestrictViolation, match="weighs"), psycopg.connect(store) as owner:
        owner.execute(lies)


def test_raw_sql_of_the_web_writes_nothing_and_sees_what_is_the_viewers(book: Book, store: str) -> None:
    export = new(book, 1)
    keep(export)
    for login in ("alice", "stranger", "admin"):
        assert seen_by(login, export.id) == 0, login
    for login in ("super", "head", "auditor", "group"):
        assert seen_by(login, export.id) == 1, login
    for statement in (
        "INSERT INTO export_row (export_id, digest) VALUES (1, '')",
        "SELECT count(*) FROM export_row",
        "DELETE FROM export",
        "UPDATE export SET rows = 0",
    ):
        with psycopg.connect(store) as owner:
            owner.execute(f"SET ROLE {WEB_LOGIN}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement.encode())


def seen_by(login: str, export_id: int) -> int:
    """How many rows of this export somebody sees."""
    desk = desk_of_login(login)
    assert desk is not None
    with reading(desk.viewer):
        return len(select("SELECT id FROM export WHERE id = %(id)s", {"id": export_id}))


def test_leaves_say_what_left_and_the_rows_open_them(book: Book) -> None:
    export = new(book, 3, person_id=book.persons["wang"])
    keep(export)
    sequence_all(AT)
    (leaf,) = Leaf.objects.using("gate").filter(source_table="export", source_id=export.id)
    assert leaf.subject == rows("SELECT subject FROM person WHERE id = %s", book.persons["wang"])[0][0]
    with open_log() as log:
        opened = [one for one in log.stored_leaves() if one.body == bytes(leaf.body)]
        assert [finding.code for finding in compare(log.stored_leaves(), log.entries(), log.object_digest)] == []
    told = {one.field: one.value for one in opened[0].openings}
    assert (told["rows"], told["recipient"], told["sha256"]) == (3, "陈主管", export.sha256)
    assert told["export"] == mark_of(export.id).partition("-")[0]


def test_a_file_is_known_by_its_digest_its_marks_and_its_rows(book: Book) -> None:
    cells = [["K1", "张三", "一百"], ["K2", "李四", "二百"]]
    export = new(book, 2, digests=[row_digest(one) for one in cells], sha256="ab" * 32)
    keep(export)
    assert find_by_file("ab" * 32) == [export.id]
    mark = mark_of(export.id)
    forged = mark[:-1] + ("A" if mark[-1] != "A" else "B")
    assert find_marks(f"导出 export {mark} | … {forged}") == ([export.id], [forged])
    spaced = [row_digest([" K1", "张三 ", "一百"]), row_digest(["K9", "王五", "三百"])]
    assert find_by_rows(spaced)[export.id] == 1
    assert recipient_key("某律师 事务所（Ａ）") == recipient_key("某律师事务所(a)")
