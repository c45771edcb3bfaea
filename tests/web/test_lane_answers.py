"""The lane answers what the web server does, octet by octet, to the same request under the same key."""

import json
from collections.abc import Iterator
from io import BytesIO
from itertools import count

import pytest
from django.conf import settings

from gatework import TEN, rows
from leasework import Desk, make_desk, place, secret_of
from zhizhi.web.api import lane_work
from zhizhi.web.api.application import application
from zhizhi.web.api.lane import ADDRESSES, PERSONS_MAX, Answered, Came
from zhizhi.web.api.leasing import GROUP_PERSONS_MAX
from zhizhi.web.api.reading import BODY_BYTES_MAX
from zhizhi.web.shared import clock

ONE, MANY = ADDRESSES
TERMS = {"campaign": "morning", "seconds": 60, "script": "call-plan", "caller": "collector"}
KEYS = (f"lane-{n}" for n in count())
NO_LEASE = "SELECT count(*) FROM lease"


@pytest.fixture(scope="module")
def desk(store: str) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ALLOWED_HOSTS", ["localhost"])
        clock.install(lambda: TEN)
        yield make_desk()
        clock.install()


def came(
    secret: str, body: object, path: str = ONE, key: str | None = None, method: str = "POST", host: str = "localhost"
) -> Came:
    """As the lane hands it over."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {
        "host": host, "content-type": "application/json", "content-length": str(len(octets)),
        "authorization": f"Bearer {secret}", "idempotency-key": next(KEYS) if key is None else key,
    }  # fmt: skip
    headers = tuple((name.encode(), value.encode()) for name, value in named.items() if value)
    return Came(method, path, b"", headers, octets)


def of_web_server(one: Came) -> Answered:
    """What the web server's application says to the same octets."""
    headers = {name.decode().upper().replace("-", "_"): value.decode() for name, value in one.headers}
    environ = {f"HTTP_{name}": value for name, value in headers.items() if not name.startswith("CONTENT_")}
    environ |= {name: value for name, value in headers.items() if name.startswith("CONTENT_")}
    environ |= {
        "REQUEST_METHOD": one.method, "PATH_INFO": one.path, "QUERY_STRING": "", "wsgi.input": BytesIO(one.body),
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
    }  # fmt: skip
    said: list[tuple[int, tuple[tuple[bytes, bytes], ...]]] = []

    def begin(status: str, told: list[tuple[str, str]]) -> None:
        said.append((int(status[:3]), tuple((a.encode("latin-1"), b.encode("latin-1")) for a, b in told)))

    content = b"".join(application(environ, begin))  # type: ignore[arg-type]  # no `exc_info` is given
    ((status, told),) = said
    return Answered(status, told, content)


def of_lane(*group: Came) -> list[Answered]:
    """A group, and alone who is left out of it."""
    answers = lane_work.answer_together(group)
    return [answer or lane_work.answer_alone(one) for one, answer in zip(group, answers, strict=True)]


def test_what_is_refused_before_anybody_is_asked_about_is_refused_alike(desk: Desk) -> None:
    secret, case = secret_of(desk), place(desk).case
    lease = {**TERMS, "case": case}
    wrong = [
        came(secret, lease, method="GET"),
        came(secret, lease, path="/api/v1/cases"),
        came(secret, lease, host="elsewhere.example"),
        came(secret, lease, key=""),
        came("zhizhi_nobody", lease),
        came("", lease),
        came("zhizhi_nobody", b"{"),
        came(secret, b"{"),
        came(secret, b'{"case": "1", "case": "2"}'),
        came(secret, b" " * (BODY_BYTES_MAX + 1)),
        came(secret, {**lease, "account": "2"}),
        came(secret, {**lease, "seconds": 0, "name": "x"}),
        came(secret, {**lease, "case": "C-nobody"}),
        came(secret, {**lease, "script": "no-such-script"}),
        came(secret_of(desk, scopes=("lease.number",)), lease),
        came(secret_of(desk, agency=True), lease),
        came(secret, {**TERMS, "persons": []}, path=MANY),
    ]
    ((before,),) = rows(NO_LEASE)
    for one in wrong:
        (answer,) = of_lane(one)
        if one.path in ADDRESSES:
            assert answer == of_web_server(one)
        assert answer.status >= 400
        assert json.loads(answer.content)["status"] == answer.status
    assert rows(NO_LEASE) == [(before,)]


def test_a_lease_of_the_lane_is_answered_again_by_the_web_server_and_the_other_way(desk: Desk) -> None:
    secret = secret_of(desk)
    group = [came(secret, {**TERMS, "case": place(desk).case}) for _ in range(3)]
    group.append(came(secret, {**TERMS, "persons": [{"case": place(desk).case}, {"case": "C-nobody"}]}, path=MANY))
    answers = of_lane(*group)
    assert [one.status for one in answers] == [200] * 4
    assert [json.loads(one.content)["verdict"] for one in answers[:3]] == ["permit"] * 3
    assert [one["verdict"] for one in json.loads(answers[3].content)["leases"]] == ["permit", "refused"]
    for asked, answered in zip(group, answers, strict=True):
        assert of_web_server(asked) == answered
    other = came(secret, {**TERMS, "case": place(desk).case})
    assert of_web_server(other) == of_lane(other)[0]


def test_one_person_or_key_that_is_asked_for_twice_at_once_is_decided_one_after_the_other(desk: Desk) -> None:
    secret, case = secret_of(desk), place(desk).case
    verdicts = [
        json.loads(one.content)["verdict"] for one in of_lane(*(came(secret, {**TERMS, "case": case}) for _ in "12"))
    ]
    of_case = "SELECT count(*) FROM lease l JOIN collection_case c ON c.person_id = l.person_id WHERE c.number = %s"
    assert verdicts[0] == "permit"
    assert rows(of_case, case) == [(verdicts.count("permit"),)]
    same = came(secret, {**TERMS, "case": place(desk).case}, key="twice")
    first, second = of_lane(same, same)
    assert first == second, "two requests of one key are one"


def test_a_group_of_more_persons_than_a_commit_takes_is_decided_in_parts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PERSONS_MAX == GROUP_PERSONS_MAX, "whoever gathers and whoever decides mean the same"
    monkeypatch.setattr(lane_work, "GROUP_PERSONS_MAX", 2)
    secret, parts = secret_of(desk), []
    real = lane_work.lease_group
    monkeypatch.setattr(lane_work, "lease_group", lambda group: parts.append(len(group)) or real(group))
    group = [came(secret, {**TERMS, "case": place(desk).case}) for _ in range(5)]
    assert [json.loads(one.content)["verdict"] for one in of_lane(*group)] == ["permit"] * 5
    assert parts == [2, 2, 1]


def test_a_group_that_fails_as_a_whole_is_asked_one_by_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secret_of(desk)

    def fails(group: object) -> list[object]:
        del group
        raise RuntimeError

    monkeypatch.setattr(lane_work, "lease_group", fails)
    group = [came(secret, {**TERMS, "case": place(desk).case}) for _ in range(2)]
    assert lane_work.answer_together(group) == [None, None]
    assert [json.loads(lane_work.answer_alone(one).content)["verdict"] for one in group] == ["permit"] * 2
