"""What the seats do: take the next case, ask the law, call, and wrap the call up; and what they know to have done."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from time import perf_counter
from typing import Any

import psycopg

from floor.house import House, Seat
from simulation.people import Answer, answer
from zhizhi.core.conduct.decide import Verdict
from zhizhi.core.followup.dispositions import CODE_OF_OUTCOME, DISPOSITIONS, usual_time
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.usecases.followup.callbacks import calls_to_owing
from zhizhi.usecases.followup.next_case import NothingNow, give_next
from zhizhi.usecases.followup.wrap_up import WrapUp, wrap_up
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.start_call import StartCall, start_call

AGREED = time(11)
SAID = {"PROMISE": 40, "UNABLE": 12, "REFUSES": 25, "WILL_CALL_BACK": 10, "ASKS_PLAN": 8, "PAID": 3, "DISPUTES": 2}
CASE = "SELECT person_id, id, balance_minor FROM collection_case WHERE number = %s"


@dataclass(frozen=True, slots=True)
class Promised:
    """What somebody said at the telephone."""

    person: int
    minor: int
    due_on: date


@dataclass(slots=True)
class Done:
    """What the desks know of a day, without asking the product."""

    asked: Counter[str] = field(default_factory=Counter)  # by verdict
    dials: Counter[int] = field(default_factory=Counter)  # by seat
    talks: Counter[int] = field(default_factory=Counter)
    promised: list[Promised] = field(default_factory=list)
    promises_of: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    nothing: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: {"next case": 0.0, "call": 0.0})


class Desks:
    """All seats of a house."""

    def __init__(self, house: House, random: Random) -> None:
        self._house = house
        self._random = random
        self._looking = psycopg.connect(house.place.url, autocommit=True)

    def close(self) -> None:
        """Nobody looks any more."""
        self._looking.close()

    def round(self, at: datetime, left: dict[int, str], done: Done) -> None:
        """Each seat takes a case, in an order that changes; `left`: the case that each had before."""
        seats = list(self._house.seats)
        self._random.shuffle(seats)
        for place, seat in enumerate(seats):
            when = at + timedelta(milliseconds=100 * place)
            left[seat.id] = self._turn(seat, when, left.get(seat.id, ""), done)

    def _turn(self, seat: Seat, at: datetime, left: str, done: Done) -> str:
        """One case of one seat; answers its number."""
        begun = perf_counter()
        given = give_next(seat.viewer, seat.id, at, left)
        done.seconds["next case"] += perf_counter() - begun
        if isinstance(given, NothingNow):
            done.nothing += 1
            return left
        assert given.owed is None, "every call is wrapped up at once"
        found = self._looking.execute(CASE, [given.number]).fetchone()
        assert found is not None, "it was given just now"
        begun = perf_counter()
        try:
            self._call(seat, found, at, done)
        except Refused as refused:
            done.refused[refused.code] += 1
        done.seconds["call"] += perf_counter() - begun
        return given.number

    def _call(self, seat: Seat, case: tuple[Any, ...], at: datetime, done: Done) -> None:
        person, case_id, balance = case
        shown = [one for one in calls_to_owing(person, seat.id, at) if one.decision.verdict is Verdict.PERMIT]
        if not shown:  # no call but other work: a plan to offer, a word to check
            done.refused["no call now"] += 1
            return
        wish = ProposeContact(
            person, shown[0].party_id, shown[0].point_id, "voice", "interactive", "collect", "call-plan", seat.id
        )
        proposed = propose_contact(wish, at)
        done.asked[proposed.decision.verdict] += 1
        if proposed.permit_id is None:
            return
        card = start_call(StartCall(person, proposed.permit_id, seat.id), at + timedelta(seconds=3))
        done.dials[seat.id] += 1
        told = self._in_time(answer(self._random), card.must_end_by, at)
        talks = told.outcome == "conversation"
        done.talks[seat.id] += talks
        code = self._random.choices(list(SAID), list(SAID.values()))[0] if talks else CODE_OF_OUTCOME[told.outcome]
        ended = at + timedelta(seconds=told.ring_seconds + told.talk_seconds + 10)
        promise = self._promise(person, balance, ended, done, seat) if code == "PROMISE" else None
        due = usual_time(code, ended, promise[1] if promise else None) or _tomorrow(ended)
        wrap_up(
            WrapUp(
                person, case_id, proposed.permit_id, code, DISPOSITIONS[code].next_step, due, seat.id,
                text="按话术沟通", promise=promise, talk_seconds=told.talk_seconds if talks else None,
            ),
            ended,
        )  # fmt: skip

    def _promise(self, person: int, balance: int, at: datetime, done: Done, seat: Seat) -> tuple[int, date]:
        minor = max(1, balance // self._random.choice((1, 1, 2, 4)))
        due_on = at.astimezone(BEIJING).date() + timedelta(days=self._random.randint(1, 5))
        done.promised.append(Promised(person, minor, due_on))
        done.promises_of[seat.id] += 1
        return minor, due_on

    @staticmethod
    def _in_time(told: Answer, must_end_by: datetime | None, at: datetime) -> Answer:
        """Whoever calls hangs up in time."""
        if must_end_by is None or at + timedelta(seconds=told.ring_seconds + told.talk_seconds + 5) < must_end_by:
            return told
        return Answer("no_answer", "no_answer", 1, 0, False)


def _tomorrow(at: datetime) -> datetime:
    """When somebody who asks for it is called back."""
    return datetime.combine(at.astimezone(BEIJING).date() + timedelta(days=1), AGREED, BEIJING)
