"""Calling campaigns: a dialler is given as many leases as seats and pace allow, and what came of them moves it."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connections

from book import TODAY, make_borrower, make_staff
from gatework import TEN, at_once, rows
from leasework import KEYS, NUMBERS, Desk, Placed, bearer_of, make_desk, place
from outbound import LINE, stand, step
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.campaigns.window import Window
from zhizhi.store.ids import ids
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.transact.stops import add_stop
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.calling.making import MakeCalling, StepCalling, make_calling, step_calling
from zhizhi.usecases.calling.next_calls import NextCalls, next_calls
from zhizhi.usecases.lease_confirm import ConfirmLease, NotFound, confirm
from zhizhi.usecases.lease_record import RecordLease, record
from zhizhi.usecases.refused import UseCaseRefused

pytestmark = pytest.mark.usefixtures("store")
SECOND = timedelta(seconds=1)
NAMES = (f"外呼-{n}" for n in count())
ALL_DAY = Window(TODAY, TODAY + timedelta(days=1), 9 * 60, 20 * 60)


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    desk = make_desk()
    make_staff("second", "collector", desk.lender, 50)
    return desk


@pytest.fixture(scope="module")
def by(desk: Desk) -> int:
    return make_staff("leader", "supervisor", desk.lender).pk


@pytest.fixture(scope="module")
def bearer(desk: Desk) -> Bearer:
    return bearer_of(desk)


def make(desk: Desk, by: int, *placed: Placed, seats: str = "collector second", **said: Any) -> tuple[int, str]:
    """A campaign that runs; its id and its name."""
    name = next(NAMES)
    command = MakeCalling(
        desk.lender.pk, name, "call-plan", said.get("window", ALL_DAY), "\n".join(one.case for one in placed),
        seats, said.get("lines", ()), by,
    )  # fmt: skip
    made = make_calling(command, TEN)
    step_calling(StepCalling(made, "started", by), TEN)
    return made, name


def ask(bearer: Bearer, name: str, *free: str, at: datetime = TEN, key: str | None = None) -> dict[str, Any]:
    asked = Asked(bearer.token_id, key or next(KEYS), b"test")
    return next_calls(NextCalls(bearer, name, free or ("collector", "second"), 60, asked), at)


def report(bearer: Bearer, lease: str, kind: str, at: datetime = TEN + SECOND, **facts: Any) -> None:
    asked = Asked(bearer.token_id, next(KEYS), b"test")
    known = {"ring_seconds": None, "talk_seconds": 30 if kind == "talked" else None, "number": None, "proof": "",
             "began_at": TEN}  # fmt: skip
    record(RecordLease(bearer=bearer, lease=lease, kind=kind, asked=asked, **(known | facts)), at)  # type: ignore[arg-type]  # every key by name


def states(campaign: int) -> dict[str, int]:
    found = rows("SELECT state, count(*) FROM calling_target WHERE campaign_id = %s GROUP BY 1", campaign)
    return {state: int(number) for state, number in found}


def known_before(desk: Desk, campaign: int, *, answered: int = 0, abandoned: int = 0) -> None:
    """Calls of yesterday, as if they had been rung and settled."""
    with connections["gate"].cursor() as cursor:
        for state in ["answered"] * answered + ["abandoned"] * abandoned:
            who = make_borrower(desk.lender, next(NUMBERS))
            cursor.execute(
                "INSERT INTO calling_target (person_id, id, campaign_id, case_number, state, why, at)"
                " VALUES (%s, %s, %s, '', %s, '', %s)",
                [who.person, ids.take(), campaign, state, TEN - timedelta(days=1)],
            )


def test_it_begins_with_one_line_a_free_seat_and_each_lease_names_one(desk: Desk, by: int, bearer: Bearer) -> None:
    made, name = make(desk, by, *(place(desk) for _ in range(4)))
    answer = ask(bearer, name)
    assert [one["verdict"] for one in answer["leases"]] == ["permit", "permit"]
    assert {one["caller"] for one in answer["leases"]} == {"collector", "second"}
    assert answer["ratio"] == 100
    assert ask(bearer, name)["leases"] == [], "both lines are open"
    assert states(made) == {"leased": 2, "waiting": 2}


def test_the_same_request_is_given_the_same_leases(desk: Desk, by: int, bearer: Bearer) -> None:
    made, name = make(desk, by, *(place(desk) for _ in range(4)))
    assert ask(bearer, name, key="again") == ask(bearer, name, key="again")
    assert states(made) == {"leased": 2, "waiting": 2}


def test_two_requests_at_once_do_not_ring_one_seat_twice(desk: Desk, by: int, bearer: Bearer) -> None:
    made, name = make(desk, by, *(place(desk) for _ in range(8)))
    done = at_once([lambda: ask(bearer, name, "collector") for _ in range(4)])
    assert not [one for one in done if isinstance(one, Exception)]
    assert states(made) == {"leased": 1, "waiting": 7}


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (("answered",), "talking"),
        (("answered", "talked"), "answered"),
        (("answered", "abandoned"), "abandoned"),
        (("no_answer",), "unanswered"),
        (("busy",), "unanswered"),
    ],
)
def test_records_free_the_line_and_say_what_came_of_it(
    desk: Desk, by: int, bearer: Bearer, kinds: tuple[str, ...], state: str
) -> None:
    made, name = make(desk, by, place(desk))
    (lease,) = ask(bearer, name)["leases"]
    for kind in kinds:
        report(bearer, lease["lease"], kind)
    ask(bearer, name, at=TEN + 2 * SECOND)
    assert states(made) == {state: 1}


def test_a_call_that_never_rang_is_tried_again(desk: Desk, by: int, bearer: Bearer) -> None:
    made, name = make(desk, by, place(desk))
    (lease,) = ask(bearer, name)["leases"]
    report(bearer, lease["lease"], "never_rang", proof="话单 20260303-17")
    assert ask(bearer, name, at=TEN + SECOND)["leases"] == []
    again = ask(bearer, name, at=TEN + 601 * SECOND)["leases"]
    assert [one["verdict"] for one in again] == ["permit"]
    assert states(made) == {"leased": 1}


def test_whom_the_law_holds_back_is_not_rung_and_says_why(desk: Desk, by: int, bearer: Bearer) -> None:
    stopped = place(desk)
    add_stop(stopped.who.person, "complaint", None, "test", None, at=TEN, by="test")
    made, name = make(desk, by, stopped)
    assert ask(bearer, name) == {"leases": [], "ratio": 100, "withheld": 1}
    ((state, why, next_at),) = rows("SELECT state, why, next_at FROM calling_target WHERE campaign_id = %s", made)
    assert (state, next_at) == ("withheld", None), why
    assert why.startswith("cn."), "the rule that held it back"
    assert rows("SELECT 1 FROM lease WHERE person_id = %s", stopped.who.person) == []


def test_enough_answers_raise_the_pace_and_abandoned_ones_take_it_back(desk: Desk, by: int, bearer: Bearer) -> None:
    made, name = make(desk, by, *(place(desk) for _ in range(8)))
    known_before(desk, made, answered=100)
    assert ask(bearer, name, "collector")["ratio"] == 105
    assert ask(bearer, name, "collector", at=TEN + 10 * SECOND)["ratio"] == 105, "a step a minute"
    assert ask(bearer, name, "collector", at=TEN + 60 * SECOND)["ratio"] == 110
    known_before(desk, made, abandoned=7)
    assert ask(bearer, name, "collector", at=TEN + 61 * SECOND)["ratio"] == 100, "at once"


def test_whom_the_law_permits_later_is_rung_then(desk: Desk, by: int, bearer: Bearer) -> None:
    early = TEN.replace(hour=7)
    made, name = make(desk, by, place(desk), window=Window(TODAY, TODAY, 6 * 60, 20 * 60))
    assert ask(bearer, name, at=early)["withheld"] == 1
    ((state, next_at),) = rows("SELECT state, next_at FROM calling_target WHERE campaign_id = %s", made)
    assert (state, next_at) == ("waiting", TEN.replace(hour=8))
    assert ask(bearer, name, at=early + 2 * SECOND) == {"leases": [], "ratio": 100, "withheld": 0}, "not asked before"
    assert [one["verdict"] for one in ask(bearer, name, at=TEN.replace(hour=8))["leases"]] == ["permit"]


class TestWhenNothingIsRung:
    def test_a_pause_recalls_what_was_leased(self, desk: Desk, by: int, bearer: Bearer) -> None:
        made, name = make(desk, by, place(desk))
        (lease,) = ask(bearer, name)["leases"]
        step_calling(StepCalling(made, "paused", by), TEN)
        said = confirm(ConfirmLease(bearer, lease["lease"], Asked(bearer.token_id, next(KEYS), b"test")), TEN + SECOND)
        assert (said["valid"], said["code"]) == (False, "campaign_paused")
        with pytest.raises(UseCaseRefused, match="not_running"):
            ask(bearer, name)
        step_calling(StepCalling(made, "resumed", by), TEN)
        again = ask(bearer, name, at=TEN + SECOND)["leases"]
        assert [one["verdict"] for one in again] == ["permit"], "it was not rung"
        step_calling(StepCalling(made, "ended", by), TEN + SECOND)
        over = ConfirmLease(bearer, again[0]["lease"], Asked(bearer.token_id, next(KEYS), b"test"))
        assert confirm(over, TEN + SECOND)["code"] == "campaign_over"
        with pytest.raises(Refused, match="cannot_move"):
            step_calling(StepCalling(made, "resumed", by), TEN)

    def test_outside_its_hours(self, desk: Desk, by: int, bearer: Bearer) -> None:
        _, name = make(desk, by, place(desk), window=Window(TODAY, TODAY, 11 * 60, 12 * 60))
        with pytest.raises(UseCaseRefused, match="closed"):
            ask(bearer, name)

    def test_for_a_seat_that_is_not_its_own(self, desk: Desk, by: int, bearer: Bearer) -> None:
        _, name = make(desk, by, place(desk), seats="collector")
        with pytest.raises(UseCaseRefused, match="no_seat"):
            ask(bearer, name, "second")

    def test_for_an_agency_s_token_or_an_unknown_name(self, desk: Desk, by: int, bearer: Bearer) -> None:
        _, name = make(desk, by, place(desk))
        with pytest.raises(NotFound):
            ask(bearer_of(desk, agency=True), name)
        with pytest.raises(NotFound):
            ask(bearer, "没有这个活动")


class TestMaking:
    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"seats": "agent"}, "no_seats"),
            ({"script": "plan-sms"}, "no_script"),
            ({"listed": "没有这个案件"}, "nobody"),
            ({"name": "a/b"}, "no_name"),
            ({"lines": (999_999,)}, "no_such_line"),
            ({"window": Window(TODAY, TODAY, 600, 600)}, "no_time"),
        ],
    )
    def test_what_cannot_be_rung_is_refused(self, desk: Desk, by: int, said: dict[str, Any], code: str) -> None:
        whole: dict[str, Any] = {
            "name": next(NAMES), "script": "call-plan", "window": ALL_DAY, "listed": place(desk).case,
            "seats": "collector", "lines": (),
        }  # fmt: skip
        with pytest.raises(Refused, match=code):
            make_calling(MakeCalling(desk.lender.pk, by=by, **(whole | said)), TEN)

    def test_a_name_is_taken_once(self, desk: Desk, by: int) -> None:
        _, name = make(desk, by, place(desk))
        again = MakeCalling(desk.lender.pk, name, "call-plan", ALL_DAY, place(desk).case, "collector", (), by)
        with pytest.raises(Refused, match="name_there"):
            make_calling(again, TEN)

    def test_a_collector_makes_and_starts_none(self, desk: Desk, by: int) -> None:
        made, _ = make(desk, by, place(desk))
        (collector,) = rows("SELECT id FROM staff WHERE login = 'collector'")[0]
        with pytest.raises(NotAllowed):
            step_calling(StepCalling(made, "paused", collector), TEN)


def test_it_goes_out_from_a_number_of_its_own_that_stands(desk: Desk, by: int, bearer: Bearer) -> None:
    """Last of its file: from here on the lender keeps a register."""
    stand(desk.lender, TEN, LINE)
    own = stand(desk.lender, TEN, "01062340002")
    made, name = make(desk, by, *(place(desk) for _ in range(3)), lines=(own,))
    (lease,) = ask(bearer, name, "collector")["leases"]
    assert lease["goes_from"] == "01062340002"
    step(desk.lender, own, "blocked", TEN, reason="线路商通知停机")
    with pytest.raises(UseCaseRefused, match="number_blocked"):
        ask(bearer, name)
    assert states(made) == {"leased": 1, "waiting": 2}


def test_whom_the_number_has_no_room_for_waits_for_another(desk: Desk, by: int, bearer: Bearer) -> None:
    own = stand(desk.lender, TEN, "01062340003", daily_max=1)
    made, name = make(desk, by, *(place(desk) for _ in range(2)), lines=(own,))
    answer = ask(bearer, name)
    assert (len(answer["leases"]), answer["withheld"]) == (1, 1)
    assert states(made) == {"leased": 1, "waiting": 1}
