"""What a disposition says of the line, against what the line says; and the step that usually follows."""

import tomllib
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from zhizhi.core.conduct import counts
from zhizhi.core.conduct.words import CALL_OUTCOMES
from zhizhi.core.followup.dispositions import (
    CALLBACK,
    CODE_OF_OUTCOME,
    DISPOSITIONS,
    NO_TALK,
    NOT_ANSWERED,
    TALKED,
    UNANSWERED,
    VOICEMAIL,
    Claim,
    Line,
    difference,
    usual_time,
)
from zhizhi.core.kernel.instants import BEIJING

TEN = datetime(2026, 3, 3, 10, tzinfo=BEIJING)
PUBLISHED = tomllib.loads(files("zhizhi.defaults").joinpath("codes.toml").read_text("utf-8"))


def published(name: str) -> set[str]:
    return {row["code"] for row in PUBLISHED[name]}


def test_every_disposition_and_its_step_is_of_the_published_list_and_its_outcome_a_word_of_the_law() -> None:
    assert DISPOSITIONS.keys() | set(CODE_OF_OUTCOME.values()) <= published("outcome")
    assert {one.next_step for one in DISPOSITIONS.values()} | {CALLBACK} <= published("next_step")
    assert {one.outcome for one in DISPOSITIONS.values()} | CODE_OF_OUTCOME.keys() <= set(CALL_OUTCOMES)


def test_what_counts_as_unanswered_and_voicemail_is_what_the_law_counts_so() -> None:
    assert (UNANSWERED, VOICEMAIL) == (counts.UNANSWERED, counts.VOICEMAIL)


@pytest.mark.parametrize(
    ("code", "outcome", "talked", "says"),
    [
        ("NO_ANSWER", None, 40, TALKED.fill(seconds=40)),
        ("REJECTED", "conversation", 1, TALKED.fill(seconds=1)),
        ("NO_ANSWER", "no_answer", None, None),
        ("NO_ANSWER", "connected", 0, None),
        ("EMPTY_NUMBER", "voicemail_full", 12, None),
        ("PROMISE", "no_answer", None, NOT_ANSWERED),
        ("PROMISE", "busy", 0, NOT_ANSWERED),
        ("PROMISE", None, 0, NO_TALK),
        ("PROMISE", None, 1, None),
        ("PROMISE", "conversation", 90, None),
        ("HUNG_UP", "rejected", None, NOT_ANSWERED),
        ("HUNG_UP", None, 0, None),
        ("HUNG_UP", None, 90, None),
        ("PROMISE", None, None, None),
        ("NO_ANSWER", None, None, None),
        ("RECEIVED", None, 40, None),
    ],
)
def test_a_difference_is_told_where_the_line_knows_better(
    code: str, outcome: str | None, talked: int | None, says: object
) -> None:
    assert difference(code, Line(outcome, talked)) == says


def test_nothing_that_agrees_with_its_own_outcome_differs() -> None:
    for code, one in DISPOSITIONS.items():
        assert difference(code, Line(one.outcome, 30 if one.claim is Claim.SPOKE else 0)) is None


def test_the_usual_step_is_the_next_morning_and_that_of_a_promise_the_afternoon_of_its_day() -> None:
    assert usual_time("NO_ANSWER", TEN) == datetime(2026, 3, 4, 10, tzinfo=BEIJING)
    late = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)  # half past midnight of the fourth
    assert usual_time("NO_ANSWER", late) == datetime(2026, 3, 5, 10, tzinfo=BEIJING)
    assert usual_time("PROMISE", TEN, date(2026, 3, 6)) == datetime(2026, 3, 6, 15, tzinfo=BEIJING)
    today_late = datetime(2026, 3, 3, 15, tzinfo=BEIJING)
    assert usual_time("PROMISE", today_late, today_late.date()) == datetime(2026, 3, 4, 10, tzinfo=BEIJING)
    assert usual_time("PROMISE", TEN) is usual_time("WILL_CALL_BACK", TEN) is usual_time("DONE", TEN) is None
