"""What requests for leases name, and what stands about it: all of it in one statement, whatever the number."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from zhizhi.store.leases.answers import Asked, OtherRequest, answers_to
from zhizhi.store.leases.callers import callers_of
from zhizhi.store.leases.candidates import Candidate, Named, candidates_of
from zhizhi.store.leases.minting import KnownCampaign, campaigns_of
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.many import Question, Rows, rows_of
from zhizhi.store.outbound.taking import NamedNumber, named_numbers
from zhizhi.store.templates.approved import ApprovedTemplate, approved_of

QUESTIONS_MAX = 8  # of one statement: what names more scripts at once is asked in as many statements
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks, for which campaign, with which script, who will speak, from which outbound number, and whom to ring."""

    bearer: Bearer
    campaign: str
    script: str
    caller: str | None
    persons: tuple[Named, ...] = field(repr=False)
    asked: Asked
    goes_from: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What stands about one request; what is not there is absent.

    `answer`: what the same request was answered before. `candidates` by place among its persons.
    """

    answer: dict[str, Any] | OtherRequest | None = field(repr=False)
    templates: Mapping[str, ApprovedTemplate]
    collector: Collector | None
    campaign: KnownCampaign | None
    candidates: Mapping[int, Candidate] = field(repr=False)
    number: NamedNumber


def load_known(requests: Sequence[Wanted]) -> list[Known]:
    """What stands about each request; what several of them name is asked for once."""
    callers = _numbered((one.bearer, one.caller) for one in requests)
    campaigns = _numbered((one.bearer, one.campaign) for one in requests)
    scripts = _numbered((one.bearer.lender_id, one.script) for one in requests)
    numbers = _numbered((one.bearer, one.goes_from) for one in requests)
    named = [(place, n, one) for place, request in enumerate(requests) for n, one in enumerate(request.persons)]
    questions = (
        answers_to([one.asked for one in requests]),
        candidates_of([(requests[place].bearer, one) for place, _, one in named]),
        callers_of(list(callers)),
        campaigns_of(list(campaigns)),
        named_numbers(list(numbers)),
        *(approved_of(lender_id, code) for lender_id, code in scripts),
    )
    answers, found, collectors, begun, lines, *approved = _read(questions)
    of_request: list[dict[int, Candidate]] = [{} for _ in requests]
    for index, candidate in found.items():
        place, n, _ = named[index]
        of_request[place][n] = candidate
    return [
        Known(
            answer=answers[place],
            templates=approved[scripts[one.bearer.lender_id, one.script]],
            collector=collectors.get(callers[one.bearer, one.caller]),
            campaign=begun.get(campaigns[one.bearer, one.campaign]),
            candidates=of_request[place],
            number=lines[numbers[one.bearer, one.goes_from]],
        )
        for place, one in enumerate(requests)
    ]


def _numbered(named: Iterable[T]) -> dict[T, int]:
    """What is named, each once, with its number."""
    return {one: n for n, one in enumerate(dict.fromkeys(named))}


def _read(questions: Sequence[Question[Any]]) -> Iterator[Any]:
    rows = _rows_as_one(questions) if len(questions) <= QUESTIONS_MAX else rows_of(*questions)
    return (question.read(found) for question, found in zip(questions, rows, strict=True))


def _rows_as_one(questions: Sequence[Question[object]]) -> list[Rows]:
    """The rows of questions whose columns are numbers and texts, asked as one statement.

    A statement costs both sides as much as the answer to a small question.
    """
    whole = _joined(tuple(str(question.statement) for question in questions))
    values = [value for question in questions for value in question.values]
    ((*documents,),) = rows_of(Question(whole, values, list))[0]
    return [json.loads(document, object_pairs_hook=_row) for document in documents]


@lru_cache(maxsize=QUESTIONS_MAX)
def _joined(statements: tuple[str, ...]) -> str:
    parts = (f"(SELECT coalesce(json_agg(q), '[]')::text FROM ({statement}) q)" for statement in statements)
    return f"SELECT {', '.join(parts)}"


def _row(columns: list[tuple[str, Any]]) -> tuple[Any, ...]:
    return tuple(value for _, value in columns)
