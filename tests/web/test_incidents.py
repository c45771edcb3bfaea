"""An incident on its screens: countdowns, letters, facts, answers, closing; drills; and who may not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client

from gatework import rows
from web.book import AT, Book
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.evidence.log import open_log
from zhizhi.store.models import Incident, IncidentDeadline
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.incidents.working import (
    AddFact,
    Answer,
    Classify,
    Grave,
    OpenIncident,
    answer,
    classify,
    close,
    open_up,
)

Desk = Callable[[str], Client]
TEXT = "数据库备份被外部人员取走"


def opened(book: Book, by: str = "head", **changes: Any) -> int:
    plain: dict[str, Any] = {
        "lender_id": book.lender, "kind": "leak", "is_drill": False, "known_at": AT - timedelta(hours=1),
        "grave": Grave("general", 1200), "text": TEXT, "by": book.staff[by],
    }  # fmt: skip
    return open_up(OpenIncident(**(plain | changes)), AT)


def waiting(incident: int) -> set[str]:
    found = IncidentDeadline.objects.using("gate").filter(incident_id=incident, answered_at=None)
    return set(found.values_list("clock", flat=True))


def answered(book: Book, incident: int, clock: str) -> None:
    answer(Answer(incident, clock, True, "网信〔2026〕12 号", "已报送首报", book.staff["head"]), AT)


def test_it_is_opened_on_a_form_and_its_page_counts_down(book: Book, desk: Desk) -> None:
    head = desk("head")
    form = {
        "lender": str(book.lender), "kind": "leak", "known_at": "2026-03-03T09:00", "grade": "larger",
        "persons": "35000", "text": TEXT,
    }  # fmt: skip
    assert head.post("/incidents/open", form | {"known_at": "2026-03-04T09:00"}).status_code == 400
    where = head.post("/incidents/open", form)
    assert where.status_code == 302, where.content.decode()
    page = head.get(where.headers["Location"]).content.decode()
    for words in ("35,000", "向省级网信部门报告", "还剩 3 小时 0 分", "已逾期", "立即", "把握低，从严", "S.G-07", TEXT):
        assert words in page, words
    assert "甲消费金融" in head.get("/incidents").content.decode()


def test_a_letter_is_made_from_the_facts_in_both_languages(book: Book, desk: Desk) -> None:
    incident = opened(book)
    page = desk("head").get(f"/incidents/{incident}/letters/nfra_first").content.decode()
    for words in ("收件：金融监管部门", "To: the financial regulator", TEXT, "1200", "甲消费金融", "2026-03-03 09:00"):
        assert words in page
    persons = desk("head").get(f"/incidents/{incident}/letters/persons_at_once").content.decode()
    assert "个人可以采取的减轻危害的措施" in persons
    assert TEXT not in persons, "what persons are told is written for them"
    assert desk("head").get(f"/incidents/{incident}/letters/cac_other").status_code == 404, "not of this incident"


def test_a_graver_class_adds_deadlines_and_a_lesser_one_ends_none(book: Book) -> None:
    incident = opened(book)
    before = waiting(incident)
    classify(Classify(incident, Grave("major", 90_000), "人数比原先估计的多", book.staff["head"]), AT)
    more = waiting(incident)
    assert more > before
    classify(Classify(incident, Grave("general", 10), "范围已缩小", book.staff["head"]), AT)
    assert waiting(incident) == more


def test_it_closes_only_when_each_deadline_is_answered(book: Book, desk: Desk) -> None:
    incident = opened(book)
    where, head = f"/incidents/{incident}", desk("head")
    with pytest.raises(Refused, match="deadlines_open"):
        close(AddFact(incident, "处置完毕", book.staff["head"]), AT)
    with pytest.raises(psycopg.errors.RestrictViolation):
        raise_cause(lambda: rows("UPDATE incident SET closed_at = now() WHERE id = %s RETURNING id", incident))
    for clock in sorted(waiting(incident)):
        typed = {"act": "answer", "clock": clock, "answer": "filed", "reference": "", "text": "已经报送"}
        assert head.post(where, typed).status_code == 400, "a filing has a reference"
        assert head.post(where, typed | {"reference": "首报 12 号"}).status_code == 302
    with pytest.raises(Refused, match="no_deadline"):
        answered(book, incident, "nfra_first")
    assert head.post(where, {"act": "close", "text": "处置完毕，已复盘"}).status_code == 302
    assert "已关闭" in head.get(where).content.decode()
    with pytest.raises(Refused, match="no_incident"):
        classify(Classify(incident, Grave("major", 1), "再次定级", book.staff["head"]), AT)


def raise_cause(act: Callable[[], object]) -> None:
    try:
        act()
    except Exception as error:
        raise (error.__cause__ or error) from None


def test_a_drill_says_so_everywhere_and_raises_no_alarm(book: Book, desk: Desk) -> None:
    drill = opened(book, is_drill=True)
    head = desk("head")
    assert "不得对外发送" in head.get(f"/incidents/{drill}").content.decode()
    assert "【演练，不得对外发送】" in head.get(f"/incidents/{drill}/letters/nfra_first").content.decode()
    assert "演练" in head.get("/incidents").content.decode()
    real = Incident.objects.using("gate").filter(is_drill=False, closed_at=None).count()
    alarmed = rows(
        "SELECT count(DISTINCT i.id) FROM incident_deadline d JOIN incident i ON i.id = d.incident_id"
        " WHERE d.answered_at IS NULL AND NOT i.is_drill"
    )
    assert alarmed == [(real,)]


def test_who_reads_changes_nothing_and_who_collects_sees_none(book: Book, desk: Desk) -> None:
    incident = opened(book)
    auditor = desk("auditor")
    page = auditor.get(f"/incidents/{incident}")
    assert (page.status_code, 'name="act"' in page.content.decode()) == (200, False)
    assert auditor.post(f"/incidents/{incident}", {"act": "note", "text": "试写一条"}).status_code == 403
    assert auditor.get("/incidents/open").status_code == 403
    for login in ("alice", "super"):
        assert desk(login).get("/incidents").status_code == 403
    elsewhere = opened(book, "group", lender_id=book.other_lender)
    assert desk("head").get(f"/incidents/{elsewhere}").status_code == 404
    with pytest.raises(Refused, match="not_allowed"):
        answered(book, elsewhere, "nfra_first")
    with pytest.raises(Refused, match="not_allowed"):
        opened(book, lender_id=None)


def test_facts_are_leaves_and_never_changed(book: Book, store: str) -> None:
    incident = opened(book)
    answered(book, incident, "nfra_first")
    subject = Incident.objects.using("gate").get(pk=incident).subject
    sequence_all(AT)
    with open_log() as log:
        told = [leaf.openings for leaf in log.stored_leaves() if subject.hex.encode() in leaf.body]
    assert [len(one) > 0 for one in told] == [True] * 4, "opened, opening fact, class, filing"
    with psycopg.connect(store, autocommit=True) as owner:
        for statement in (
            "UPDATE incident_fact SET text = 'x'",
            "DELETE FROM incident_deadline",
            "UPDATE incident_deadline SET due_at = due_at + interval '1 day'",
            "UPDATE incident SET known_at = known_at + interval '1 hour'",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)


def test_numbers_of_persons_do_not_enter(book: Book) -> None:
    with pytest.raises(Refused, match="number_in_text"):
        opened(book, text="客户 13800001234 的资料被取走")
