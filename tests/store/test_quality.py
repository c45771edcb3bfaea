"""Human quality inspection in rows: drawn by the log, blind until both are done, appealed in time, followed up once."""

from datetime import date, timedelta

import psycopg
import pytest

from book import make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows, talk
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.quality.agreement import agreement
from zhizhi.core.quality.sample import HOUSE_PLAN, draw
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import QualityDraw, QualityReview
from zhizhi.store.quality.drawing import as_candidates, digest_of, load_inspected, load_seed
from zhizhi.store.quality.reads import access_review, load_figures, load_of_staff, load_open, load_pairs, load_waiting
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.quality.drawing import DrawSample, draw_sample
from zhizhi.usecases.quality.reviewing import Review, appeal, appeal_until, follow, review, rule
from zhizhi.usecases.refused import UseCaseRefused

pytestmark = pytest.mark.usefixtures("store")
DAY = TEN.date()
NEXT = TEN + timedelta(days=1)
AFTER_APPEALS = TEN + timedelta(days=7)
HEARD = "客户说不方便，仍继续施压"


class House:
    """A lender whose two collectors talked and wrote for a day, and whoever looks at it."""

    def __init__(self) -> None:
        self.lender: Lender = make_lender("Q1")
        people = {
            "first": "collector", "other": "collector", "reviewer": "quality", "second": "quality",
            "compliance": "compliance", "super": "supervisor", "auditor": "auditor",
        }  # fmt: skip
        self.staff = {name: int(make_staff(f"q-{name}", role, self.lender, 50).pk) for name, role in people.items()}
        for n in range(12):
            who = make_borrower(self.lender, 100 + n)
            talk(who, self.staff["first" if n % 4 else "other"], TEN + n * 3 * MINUTE)
        propose_sms(make_borrower(self.lender, 200), self.staff["first"], TEN + 60 * MINUTE)
        Outbox({"sink": {"sms": ToldChannel()}}, "test", monotonic=lambda: 0.0).drain(TEN + 60 * MINUTE)
        propose_call(make_borrower(self.lender, 201), self.staff["first"], TEN + 61 * MINUTE)  # nobody began it
        with pytest.raises(UseCaseRefused, match="not_signed"):
            self.draw()
        sequence_all(NEXT)
        self.drawn = self.draw()
        found = QualityReview.objects.using("gate").filter(draw_id=self.drawn, n=1)
        self.single = [
            Review(row.person_id, row.id, row.reviewer_id)
            for row in found.order_by("id")
            if row.staff_id == self.staff["first"] and not self.sibling(row.person_id, row.id)
        ]

    def draw(self) -> int:
        return draw_sample(DrawSample(self.lender.pk, DAY, DAY, self.staff["reviewer"]), NEXT)

    def sibling(self, person: int, review_id: int) -> QualityReview | None:
        """The blind second of a contact."""
        same = QualityReview.objects.using("gate").filter(person_id=person).exclude(id=review_id)
        return same.first()

    def sees(self, name: str, scope: Scope) -> Viewer:
        return Viewer(self.staff[name], scope, self.lender.pk, None)


@pytest.fixture(scope="module")
def house(store: str) -> House:
    return House()


def stands(which: Review) -> tuple[str, int | None, str | None]:
    row = QualityReview.objects.using("gate").get(person_id=which.person_id, id=which.review_id)
    return row.state, row.score, row.severity


def test_anybody_draws_the_same_from_the_log_and_the_rows(house: House) -> None:
    row = QualityDraw.objects.using("gate").get(pk=house.drawn)
    contacts = load_inspected(house.lender.pk, DAY, DAY)
    seed = load_seed(DAY)
    assert seed is not None
    assert len(contacts) == row.candidates == 13, "twelve talks and a message; what nobody began is no contact"
    again = draw(as_candidates(contacts, {DAY: seed}), HOUSE_PLAN)
    assert (digest_of(again), len(again)) == (row.digest, row.drawn)
    assert row.seeds == [{"on": DAY.isoformat(), "size": seed.size, "root": seed.root.hex()}]
    by_channel = rows("SELECT DISTINCT channel FROM quality_review WHERE draw_id = %s ORDER BY 1", house.drawn)
    assert by_channel == [("sms",), ("voice",)]
    assert QualityReview.objects.using("gate").filter(draw_id=house.drawn, n=2).count() == -(-row.drawn // 10)


def test_a_day_is_drawn_from_once_and_never_before_it_is_over_and_signed(house: House) -> None:
    with pytest.raises(Refused, match="drawn_before"):
        house.draw()
    ahead = DrawSample(house.lender.pk, DAY + timedelta(days=400), DAY + timedelta(days=400), house.staff["reviewer"])
    with pytest.raises(UseCaseRefused, match="not_signed"):
        draw_sample(ahead, NEXT)
    for days in (-1, 7):
        with pytest.raises(UseCaseRefused, match="bad_days"):
            draw_sample(DrawSample(house.lender.pk, DAY, DAY + timedelta(days=days), house.staff["reviewer"]), NEXT)
    with pytest.raises(NotAllowed):
        draw_sample(DrawSample(house.lender.pk, DAY, DAY, house.staff["first"]), NEXT)


def test_a_blind_pair_is_hidden_until_both_are_done(house: House) -> None:
    first = QualityReview.objects.using("gate").filter(draw_id=house.drawn, n=2).first()
    assert first is not None
    second = house.sibling(first.person_id, first.id)
    assert second is not None
    assert first.reviewer_id != second.reviewer_id
    review(Review(first.person_id, first.id, first.reviewer_id), (), "", NEXT)
    with reading(house.sees("compliance", Scope.LENDER)):
        assert access_review(first.person_id, first.id) is None
    with reading(Viewer(second.reviewer_id, Scope.LENDER, house.lender.pk, None)):
        assert access_review(first.person_id, first.id) is None
        assert access_review(second.person_id, second.id) is not None
    review(Review(second.person_id, second.id, second.reviewer_id), (("interrupts", 12),), HEARD, NEXT)
    with reading(house.sees("compliance", Scope.LENDER)):
        shown = access_review(first.person_id, first.id)
        assert shown is not None
        assert shown.severity == "clean"
        pairs = load_pairs(TEN, NEXT)
    assert agreement(pairs).equal == 0
    assert pairs == [("minor", "clean")]


def test_only_its_reviewer_gives_it_once_and_with_words(house: House) -> None:
    which = house.single[0]
    stranger = next(house.staff[name] for name in ("reviewer", "second") if house.staff[name] != which.by)
    with pytest.raises(Refused, match="not_yours"):
        review(Review(which.person_id, which.review_id, stranger), (), "", NEXT)
    for marks, why in (
        ((("nothing", 1),), "bad_mark"),
        ((("interrupts", -1),), "bad_second"),
        ((("interrupts", 1),), "too_short"),
    ):
        with pytest.raises(UseCaseRefused, match=why):
            review(which, marks, "", NEXT)
    review(which, (("no_identity", 4), ("interrupts", None)), HEARD, NEXT)
    assert stands(which) == ("done", 75, "severe")
    with pytest.raises(Refused, match="moved_on"):
        review(which, (), "", NEXT)


class TestAppeal:
    def test_in_three_working_days_by_the_collector_and_a_second_look_by_another(self, house: House) -> None:
        which, own = house.single[1], house.staff["first"]
        mine = Review(which.person_id, which.review_id, own)
        review(which, (("threat_or_insult", 31),), HEARD, NEXT)
        assert stands(which) == ("done", 0, "red_line")
        last = appeal_until(NEXT)
        assert last == date(2026, 3, 6), "a Tuesday shows it, a Friday is the last day"
        with pytest.raises(Refused, match="not_standing"):
            follow(Review(*which.named, house.staff["super"]), "retraining", "红线，停止触达再培训", NEXT)
        with pytest.raises(Refused, match="moved_on"):
            appeal(Review(which.person_id, which.review_id, house.staff["other"]), "并无此语", NEXT)
        appeal(mine, "并无威胁，只是说明还款日", NEXT + timedelta(days=3))
        with pytest.raises(Refused, match="same_person"):
            rule(Review(which.person_id, which.review_id, which.by), None, "听过录音，维持", NEXT)
        rule(
            Review(which.person_id, which.review_id, house.staff["compliance"]), (("interrupts", 31),), "改为打断", NEXT
        )
        assert stands(which) == ("changed", 95, "minor")
        with pytest.raises(Refused, match="moved_on"):
            appeal(mine, "仍不同意此结论", NEXT)

    def test_a_day_later_is_too_late(self, house: House) -> None:
        which = house.single[2]
        review(which, (("interrupts", 3),), HEARD, NEXT)
        with pytest.raises(Refused, match="too_late"):
            appeal(Review(*which.named, house.staff["first"]), "并未打断客户", NEXT + timedelta(days=4))


def test_what_comes_of_it_waits_for_the_appeal_and_retraining_holds_every_contact(house: House) -> None:
    which = house.single[0]
    supervisor = Review(*which.named, house.staff["super"])
    with pytest.raises(Refused, match="not_standing"):
        follow(supervisor, "retraining", "须再培训一次", NEXT)
    with pytest.raises(NotAllowed):
        follow(Review(*which.named, house.staff["reviewer"]), "coaching", "辅导一次", AFTER_APPEALS)
    caller = house.staff["first"]
    before = propose_call(make_borrower(house.lender, 300), caller, AFTER_APPEALS)
    assert before.permit_id is not None
    follow(supervisor, "retraining", "须再培训一次", AFTER_APPEALS)
    held = propose_call(make_borrower(house.lender, 301), caller, AFTER_APPEALS + MINUTE)
    assert held.permit_id is None
    assert "training" in held.decision.reasons[0].rule or "trained" in str(held.decision.to_document())
    with pytest.raises(Refused, match="not_standing"):
        follow(supervisor, "none", "又不处理了", AFTER_APPEALS)


def test_who_sees_what(house: House) -> None:
    with reading(house.sees("first", Scope.SELF)):
        own = load_of_staff(house.staff["first"])
        assert own
        assert {row.staff_id for row in own} == {house.staff["first"]}
        assert load_of_staff(house.staff["other"]) == []
        assert load_waiting(house.staff["reviewer"]) == []
    with reading(house.sees("super", Scope.LENDER)):
        assert {row.severity for row in load_open()} <= {"minor", "severe", "red_line"}
        assert all(row.is_revealed for row in load_open())
        (figures,) = [one for one in load_figures("collector", TEN, NEXT) if one.who == "q-first"]
    counted = figures.clean + figures.minor + figures.severe + figures.red_line
    assert (figures.reviews, figures.appeals, figures.changed) == (counted, 1, 1)
    other = make_lender("Q2")
    stranger = int(make_staff("q-stranger", "supervisor", other).pk)
    with reading(Viewer(stranger, Scope.LENDER, other.pk, None)):
        assert load_open() == []
        assert load_figures("agency", TEN, NEXT) == []


def test_the_database_lets_no_code_change_a_verdict(house: House, store: str) -> None:
    named = house.single[0].named
    where = " WHERE person_id = %s AND id = %s"
    with psycopg.connect(store, user=GATE_LOGIN) as gate:
        for change in ("score = 100, severity = 'clean', marks = '[]'", "state = 'waiting'", "remark = 'x'"):
            assert refused_by_database(gate, f"UPDATE quality_review SET {change}{where}", *named) in (
                "RestrictViolation",
                "CheckViolation",
            )
        assert refused_by_database(gate, f"DELETE FROM quality_review{where}", *named) == "InsufficientPrivilege"
        assert refused_by_database(gate, "UPDATE quality_draw SET drawn = 0") == "InsufficientPrivilege"


def test_the_log_holds_each_draw_and_step_as_its_row_says(house: House) -> None:
    assert house.drawn
    sequence_all(AFTER_APPEALS + 5 * MINUTE)
    asked = "SELECT DISTINCT source_table FROM leaf WHERE source_table LIKE 'quality%%' ORDER BY 1"
    assert rows(asked) == [("quality_draw",), ("quality_review",)]
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []
