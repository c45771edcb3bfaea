"""What the lane's other processes do: read requests as they came, decide them together, and answer in octets."""

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpResponse

from zhizhi.core.kernel.errors import Refused
from zhizhi.web.api.application import octets_of
from zhizhi.web.api.asking import answer_of
from zhizhi.web.api.endpoints import read_many, read_one, say_one
from zhizhi.web.api.lane import ADDRESSES, Answered, Came
from zhizhi.web.api.leasing import GROUP_PERSONS_MAX, Answer, Posted, group_failed, lease_alone, lease_group
from zhizhi.web.api.problems import AWAY, NO_HOST, NO_METHOD, NO_PAGE, Problem, answer, problem_answer

READ: dict[str, Callable[[ASGIRequest], Posted]] = dict(zip(ADDRESSES, (read_one, read_many), strict=True))
SAY: dict[str, Callable[[dict[str, object]], HttpResponse]] = dict(zip(ADDRESSES, (say_one, answer), strict=True))


def away() -> Answered:
    """What is said where nobody decides any more."""
    return _octets(problem_answer(Problem(503, "away", AWAY)))


def answer_together(group: Sequence[Came]) -> list[Answered | None]:
    """The answers in their places; None is to be asked alone, and everybody is where the group failed as a whole."""
    close_old_connections()
    read = [_read(came) for came in group]
    answers: list[Answered | None] = [None if isinstance(one, Posted) else one for one in read]
    asked = {place: one for place, one in enumerate(read) if isinstance(one, Posted)}
    for places in _parts(asked):
        for place, said in zip(places, _decided([asked[place] for place in places]), strict=True):
            answers[place] = _said(group[place], said) if said is not None else None
    return answers


def answer_alone(came: Came) -> Answered:
    """The answer to one, which waits for whoever holds its persons."""
    close_old_connections()
    try:
        read = _read(came)
        return _octets(answer_of(lambda: SAY[came.path](lease_alone(read)))) if isinstance(read, Posted) else read
    finally:
        close_old_connections()


def _read(came: Came) -> Posted | Answered:
    """What is asked for, or why it is not."""
    found: list[Posted] = []

    def read() -> HttpResponse:
        found.append(_posted(came))
        return HttpResponse()

    refused = answer_of(read)
    return found[0] if found else _octets(refused)


def _posted(came: Came) -> Posted:
    scope = {
        "type": "http", "method": came.method, "path": came.path, "query_string": came.query, "headers": came.headers,
    }  # fmt: skip
    request = ASGIRequest(scope, BytesIO(came.body))
    try:
        request.get_host()
    except DisallowedHost as error:
        raise Problem(400, "no_such_host", NO_HOST) from error
    if came.path not in READ:
        raise Problem(404, "no_such_endpoint", NO_PAGE)
    if came.method != "POST":
        raise Problem(405, "method", NO_METHOD, headers={"Allow": "POST"})
    return READ[came.path](request)


def _parts(asked: dict[int, Posted]) -> Iterator[list[int]]:
    """Places in groups of so many persons, as one commit takes."""
    part: list[int] = []
    persons = 0
    for place, one in asked.items():
        if part and persons + len(one.persons) > GROUP_PERSONS_MAX:
            yield part
            part, persons = [], 0
        part.append(place)
        persons += len(one.persons)
    if part:
        yield part


def _decided(group: Sequence[Posted]) -> Sequence[Answer | None]:
    try:
        return lease_group(group)
    except Exception as error:  # whosever it is: who asks alone is told of his own
        group_failed(error)
        return [None] * len(group)


def _said(came: Came, said: Answer) -> Answered:
    def say() -> HttpResponse:
        if isinstance(said, Refused | Problem):
            raise said
        return SAY[came.path](said)

    return _octets(answer_of(say))


def _octets(response: HttpResponse) -> Answered:
    headers, content = octets_of(response)
    return Answered(
        response.status_code,
        tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers),
        content,
    )
