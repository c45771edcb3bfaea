"""小结与跟进 on the desk: the wrap-up before the next case, callbacks at lawful times, what was missed and differs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from web.book import AT, LONG_NAME, Book, make_case
from web.test_live_call import clicked, dialled, placed
from zhizhi.store.contacts.calls import find_open_call
from zhizhi.store.models import Case, Contact, Note, Promise, Stop
from zhizhi.store.people.rows import mask_name
from zhizhi.store.transact.deliveries import Settled
from zhizhi.store.transact.live_calls import EndedCall, TakenCall, end_call
from zhizhi.web.shared import clock

__all__ = ["dialled"]
Desk = Callable[[str], Client]
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def morning(book: Book) -> Iterator[None]:
    """Every test begins at ten, with nothing planned, and has a debtor of its own, `fresh`."""
    Case.objects.using("gate").update(next_step=None, next_step_at=None)
    queue = Case.objects.using("gate").values_list("queue_id", flat=True).get(number=book.cases["wang"])
    made = make_case("钱多多", book.lender, book.staff["alice"], queue, 47, 300_000)
    book.persons["fresh"], book.cases["fresh"] = made
    clock.install(lambda: AT)
    yield
    clock.install(lambda: AT)
    Case.objects.using("gate").filter(number=made[1]).update(closed_on=AT.date(), exit="settled")


def talked(book: Book, desk: Desk, who: str, seconds: int = 75) -> tuple[Client, str, TakenCall]:
    """A call of alice that was answered and is over; where its wrap-up is written."""
    alice, address, taken = clicked(book, desk, who)
    placed(taken)
    end_call(EndedCall(taken, AT, "they_hung_up", "connected", "answered", 4, seconds))
    return alice, f"{address}/wrap", taken


def silent(book: Book, desk: Desk, who: str) -> tuple[Client, str, TakenCall]:
    """One that nobody answered."""
    alice, address, taken = clicked(book, desk, who)
    placed(taken)
    call = find_open_call(taken.person_id, taken.permit_id, "claimed")
    assert call is not None
    settled = Settled(call.claimed, "delivered", AT, "no_answer", staff_id=taken.staff_id)
    end_call(EndedCall(taken, AT, "no_answer", "no_answer", "no_answer", 30, settled=settled))
    return alice, f"{address}/wrap", taken


def said(disposition: str, step: str, at: str, **more: str) -> dict[str, str]:
    return {"disposition": disposition, "next_step": step, "next_step_at": at, **more}


class TestWrapUp:
    def test_no_other_case_is_given_before_the_call_is_wrapped_up(self, book: Book, desk: Desk) -> None:
        alice, wrap, _ = silent(book, desk, "fresh")
        assert alice.get("/next")["Location"] == f"{wrap}?owed=1"
        assert "通话尚未小结" in alice.get(f"{wrap}?owed=1").content.decode()
        for missing in ({"next_step": ""}, {"next_step_at": ""}):
            assert alice.post(wrap, said("NO_ANSWER", "CALL", "2026-03-04T10:00") | missing).status_code == 400
        done = alice.post(wrap, said("NO_ANSWER", "CALL", "2026-03-04T10:00"))
        assert done["Location"] == f"/next?after={book.cases['fresh']}"
        assert alice.get(done["Location"])["Location"] == f"/cases/{book.cases['long']}", "the largest untouched one"
        assert alice.get(wrap)["Location"] == f"/cases/{book.cases['fresh']}", "once"

    def test_a_talk_is_reported_noted_and_promised_in_one_step(self, book: Book, desk: Desk) -> None:
        alice, wrap, taken = talked(book, desk, "fresh")
        promised = said("PROMISE", "CHECK_PROMISE", "2026-03-06T15:00")
        assert "请填写承诺金额与日期" in alice.post(wrap, promised).content.decode()
        more = {"promise_amount": "2000.50", "promise_due_on": "2026-03-06"}
        assert alice.post(wrap, {**promised, **more}).status_code == 302
        contact = Contact.objects.using("gate").get(person_id=taken.person_id, permit_id=taken.permit_id)
        assert (contact.outcome, contact.talk_seconds, contact.exchanged) == ("conversation", 75, True)
        note = Note.objects.using("gate").get(person_id=taken.person_id, contact_id=contact.id)
        assert (note.outcome, note.next_step) == ("PROMISE", "CHECK_PROMISE")
        promise = Promise.objects.using("gate").get(person_id=taken.person_id, contact_id=contact.id)
        assert promise.amount_minor == 200_050

    def test_what_the_line_denies_is_told_at_once_and_kept_with_why_for_the_team_leader(
        self, book: Book, desk: Desk
    ) -> None:
        alice, wrap, taken = talked(book, desk, "fresh", 40)
        wrong = said("NO_ANSWER", "CALL", "2026-03-04T10:00")
        told = alice.post(wrap, wrong).content.decode()
        assert "线路显示已接通、通话 40 秒" in told
        assert 'name="insists" value="NO_ANSWER"' in told
        assert "线路显示" in alice.post(wrap, {**wrong, "insists": "NO_ANSWER"}).content.decode(), "not without why"
        insisted = {**wrong, "insists": "NO_ANSWER", "text": "接通后无人说话"}
        assert alice.post(wrap, insisted).status_code == 302
        contact = Contact.objects.using("gate").get(person_id=taken.person_id, permit_id=taken.permit_id)
        assert (contact.outcome, contact.talk_seconds) == ("connected", 40), "the line is what counts"
        seen = desk("super").get("/followups").content.decode()
        assert "线路显示已接通、通话 40 秒" in seen
        assert "未接通" in seen
        assert book.cases["fresh"] in seen

    def test_a_promise_on_a_line_that_nobody_answered_differs_too(self, book: Book, desk: Desk) -> None:
        alice, wrap, _ = silent(book, desk, "fresh")
        more = {"promise_amount": "100", "promise_due_on": "2026-03-06"}
        answer = alice.post(wrap, said("PROMISE", "CHECK_PROMISE", "2026-03-06T15:00", **more))
        assert "线路显示未接通" in answer.content.decode()

    def test_that_it_is_paid_or_that_no_more_contact_is_wanted_acts_at_once(self, book: Book, desk: Desk) -> None:
        alice, wrap, taken = talked(book, desk, "fresh")
        assert alice.post(wrap, said("PAID", "CHECK_PAYMENT", "2026-03-04T10:00")).status_code == 302
        page = alice.get(f"/cases/{book.cases['fresh']}").content.decode()
        assert "现在没有可做的联系" in page or "暂不可" in page
        stop = Stop.objects.using("gate").filter(person_id=taken.person_id, lifted_at=None)
        assert stop.exists()

    @pytest.mark.parametrize(
        ("disposition", "behind"),
        [("DISPUTES", "/said/denies_debt"), ("WRONG_PERSON", "/said/denies_debt"), ("DECEASED", "/stop")],
    )
    def test_what_has_to_be_said_in_full_is_asked_before_the_next_case(
        self, book: Book, desk: Desk, disposition: str, behind: str
    ) -> None:
        alice, wrap, _ = talked(book, desk, "fresh")
        done = alice.post(wrap, said(disposition, "ESCALATE", "2026-03-04T10:00"))
        assert done["Location"] == f"/cases/{book.cases['fresh']}{behind}"

    def test_nobody_wraps_up_the_call_of_another(self, book: Book, desk: Desk) -> None:
        _, wrap, _ = silent(book, desk, "fresh")
        assert desk("super").get(wrap).status_code == 404
        assert desk("bob").get(wrap).status_code == 404


class TestCallbacks:
    @pytest.mark.parametrize("address", ["wrap", "note"])
    def test_an_unlawful_time_is_refused_with_its_article_and_the_next_lawful_instant(
        self, book: Book, desk: Desk, address: str
    ) -> None:
        alice, wrap, _ = talked(book, desk, "fresh")
        late = said("WILL_CALL_BACK", "CALLBACK", "2026-03-04T22:30")
        if address == "note":
            late = late | {"action": "CALL_OUT", "outcome": "WILL_CALL_BACK"}
        target = wrap if address == "wrap" else f"/cases/{book.cases['fresh']}/note"
        answer = alice.post(target, late)
        assert answer.status_code == 400
        page = answer.content.decode()
        assert "该时间不可回电" in page
        assert "最早可约 2026-03-05 08:00" in page
        assert alice.post(target, late | {"next_step_at": "2026-03-04T19:00"}).status_code == 302

    def test_comes_first_at_its_time_and_is_missed_a_quarter_of_an_hour_later(self, book: Book, desk: Desk) -> None:
        alice, wrap, _ = talked(book, desk, "fresh")
        assert alice.post(wrap, said("WILL_CALL_BACK", "CALLBACK", "2026-03-04T12:00")).status_code == 302
        tomorrow = NOON + timedelta(days=1)
        clock.install(lambda: tomorrow - timedelta(minutes=1))
        alice = desk("alice")
        before = alice.get("/followups").content.decode()
        assert "没有到点的跟进" in before
        assert book.cases["fresh"] in before
        clock.install(lambda: tomorrow)
        due = alice.get("/followups").content.decode()
        assert "约定回电" in due
        assert "现在可拨" in due
        assert alice.get("/next")["Location"] == f"/cases/{book.cases['fresh']}"
        first = alice.get("/cases").content.decode()
        assert first.index("到点跟进") < first.index("<table")
        assert "漏回电" not in due
        clock.install(lambda: tomorrow + timedelta(minutes=16))
        leader = desk("super").get("/followups").content.decode()
        assert "没有。约定的回电都按时办了。" not in leader
        assert "漏回电 1" in alice.get("/followups").content.decode()

    def test_what_may_not_be_called_now_is_listed_with_why_and_never_given(self, book: Book, desk: Desk) -> None:
        Case.objects.using("gate").filter(number=book.cases["fresh"]).update(
            next_step="CALLBACK", next_step_at=AT + timedelta(minutes=5)
        )
        clock.install(lambda: AT + timedelta(hours=13))
        alice = desk("alice")
        page = alice.get("/followups").content.decode()
        assert "现在不可" in page
        assert "起可行" in page
        assert "均不可联系（1 件）" in alice.get("/next").content.decode()

    def test_work_that_is_no_call_is_given_at_any_hour(self, book: Book, desk: Desk) -> None:
        Case.objects.using("gate").filter(number=book.cases["fresh"]).update(
            next_step="CHECK_PAYMENT", next_step_at=AT + timedelta(minutes=5)
        )
        clock.install(lambda: AT + timedelta(hours=13))
        assert desk("alice").get("/next")["Location"] == f"/cases/{book.cases['fresh']}"


class TestPages:
    def test_are_empty_in_words_and_hold_long_names(self, book: Book, desk: Desk) -> None:
        Promise.objects.using("gate").all().update(state="kept", settled_on=AT.date())
        assert "没有到点的跟进" in desk("bob").get("/followups").content.decode()
        assert "没有。约定的回电都按时办了。" in desk("super").get("/followups").content.decode()
        Case.objects.using("gate").filter(number=book.cases["long"]).update(next_step="CALL", next_step_at=AT)
        assert mask_name(LONG_NAME) in desk("alice").get("/followups").content.decode()

    def test_promises_of_one_day_stand_with_those_that_somebody_planned_and_those_that_nobody_did(
        self, book: Book, desk: Desk
    ) -> None:
        later = AT + timedelta(hours=5)
        Case.objects.using("gate").filter(number=book.cases["fresh"]).update(next_step="CALL", next_step_at=later)
        for n, who in enumerate(("fresh", "wang", "long")):
            Promise.objects.using("gate").create(
                person_id=book.persons[who],
                id=991_000 + n,
                promised_at=AT - timedelta(days=3),
                due_on=AT.date() + timedelta(days=1),
                amount_minor=100_000,
            )
        page = desk("alice").get("/followups").content.decode()
        assert page.count('">承诺到期<') == 3
        assert "计划" in page
        Promise.objects.using("gate").filter(id__gte=991_000, id__lt=991_003).update(state="kept", settled_on=AT.date())

    def test_a_collector_sees_the_own_list_alone(self, book: Book, desk: Desk) -> None:
        Case.objects.using("gate").filter(number=book.cases["bobs"]).update(next_step="CALL", next_step_at=AT)
        assert book.cases["bobs"] not in desk("alice").get("/followups").content.decode()
        assert book.cases["bobs"] in desk("bob").get("/followups").content.decode()
        assert desk("stranger").get(f"/next?after={book.cases['other']}").status_code == 200
