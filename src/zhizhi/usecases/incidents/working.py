"""Open an incident, say how grave it is, add facts, answer its deadlines, close it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.incidents.reads import load_standing
from zhizhi.store.incidents.recording import (
    Deadline,
    NewFact,
    NewIncident,
    add_fact,
    answer_deadline,
    close_incident,
    open_incident,
)
from zhizhi.store.incidents.words import GRADES, KINDS
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.incidents.clocks import Class, clocks_of
from zhizhi.usecases.refused import UseCaseRefused

TEXT_CHARACTERS_MIN = 4
REFERENCE_CHARACTERS_MIN = 2
PERSONS_MAX = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Grave:
    """How grave it is: grade, how many persons, and what decides which clocks run."""

    grade: str
    persons: int
    is_critical: bool = False
    is_danger: bool = False
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Somebody says that something happened, and when the house first knew."""

    lender_id: int | None
    kind: str
    is_drill: bool
    known_at: datetime
    grave: Grave
    text: str
    by: int


@dataclass(frozen=True, slots=True)
class Classify:
    """It is graver, or less grave, than was thought."""

    incident_id: int
    grave: Grave
    text: str
    by: int


@dataclass(frozen=True, slots=True)
class AddFact:
    """What became known, or was done."""

    incident_id: int
    text: str
    by: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A deadline is answered: filed under a reference, or not owed on a ground."""

    incident_id: int
    clock: str
    was_filed: bool
    reference: str
    text: str
    by: int


def open_up(command: OpenIncident, at: datetime) -> int:
    """Open it and run its clocks from when it was known; answers its id.

    Refuses: NotAllowed, an unknown kind or grade, an instant that is still to come, text too short or with numbers.
    """
    _require(command.by, command.lender_id)
    if command.kind not in KINDS:
        raise UseCaseRefused("bad_kind", Text("请选择事件类型", "help: choose a kind"), "kind")
    if command.known_at > at:
        raise UseCaseRefused("in_future", Text("知悉时间不能晚于现在", "it cannot be known later than now"), "known_at")
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    facts = [NewFact("opened", command.by, text), _classified(command.grave, command.by, text)]
    new = NewIncident(command.lender_id, command.kind, command.is_drill, command.known_at)
    return open_incident(new, facts, _deadlines(command.kind, command.grave, command.known_at), at)


def classify(command: Classify, at: datetime) -> None:
    """Say how grave it is; what applies from now on is added, and nothing that ran ends. Refuses: as `open_up`."""
    kind, known_at = _standing(command.incident_id, command.by)
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    fact = _classified(command.grave, command.by, text)
    add_fact(command.incident_id, fact, _deadlines(kind, command.grave, known_at), at)


def note(command: AddFact, at: datetime) -> None:
    """Add to the log. Refuses: NotAllowed, text too short or with numbers, a closed incident."""
    _standing(command.incident_id, command.by)
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    add_fact(command.incident_id, NewFact("fact", command.by, text), (), at)


def answer(command: Answer, at: datetime) -> None:
    """Answer a deadline. Refuses: a filing without a reference, no ground, a deadline that was answered."""
    _standing(command.incident_id, command.by)
    reference = command.reference.strip()
    if command.was_filed and len(reference) < REFERENCE_CHARACTERS_MIN:
        raise UseCaseRefused(
            "no_reference", Text("请写明报送编号或回执", "say the reference of the filing"), "reference"
        )
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    body = {"reference": checked_text(reference, "reference")} if command.was_filed else {}
    fact = NewFact("filed" if command.was_filed else "not_owed", command.by, text, command.clock, body)
    answer_deadline(command.incident_id, fact, at)


def close(command: AddFact, at: datetime) -> None:
    """Close it with what came of it. Refuses: a deadline that is not answered, text too short or with numbers."""
    _standing(command.incident_id, command.by)
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    close_incident(command.incident_id, NewFact("closed", command.by, text), at)


def _require(by: int, lender_id: int | None) -> None:
    acting = require(by, Right.WORK_INCIDENT, lender_id=lender_id)
    if lender_id is None and acting.lender_id is not None:
        raise NotAllowed(Right.WORK_INCIDENT)


def _standing(incident_id: int, by: int) -> tuple[str, datetime]:
    found = load_standing(incident_id)
    if found is None:
        raise UseCaseRefused("no_incident", Text("没有这个事件", "there is no such incident"))
    lender_id, kind, known_at = found
    _require(by, lender_id)
    return kind, known_at


def _classified(grave: Grave, by: int, text: str) -> NewFact:
    if grave.grade not in GRADES or not 0 <= grave.persons <= PERSONS_MAX:
        raise UseCaseRefused("bad_grade", Text("请选择等级并填写人数", "help: choose a grade and a number"), "grade")
    return NewFact("classified", by, text, body=asdict(grave))


def _deadlines(kind: str, grave: Grave, known_at: datetime) -> list[Deadline]:
    of = Class(kind, grave.grade, grave.is_critical, grave.is_danger, grave.is_public)
    return [Deadline(one.id, one.warns_at(known_at), one.due_at(known_at)) for one in clocks_of(of)]
