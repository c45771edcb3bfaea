"""Leases in groups: a group answers and writes what its requests alone would; one that fails harms itself alone."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError

from book import make_lender, make_staff
from gatework import TEN, at_once, rows
from leasework import Desk, Placed, bearer_of, make_desk, place, secret_of, wanted
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.store import keyring
from zhizhi.store.leases.candidates import Named
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.models import Agency
from zhizhi.store.transact.stops import add_stop
from zhizhi.usecases.lease import LeasePermits, lease_permits, lease_together
from zhizhi.web.api import leasing
from zhizhi.web.api.leasing import Posted
from zhizhi.web.api.shapes import OneLease
from zhizhi.web.shared import clock

pytestmark = pytest.mark.usefixtures("store")
NAME = re.compile(r"^[0-9]+-[0-9]+$")


@pytest.fixture(scope="module")
def desk(store: str) -> Iterator[Desk]:
    clock.install(lambda: TEN)
    yield make_desk()
    clock.install()


@pytest.fixture
def bearer(desk: Desk) -> Bearer:
    return bearer_of(desk)


def posted(secret: str, one: Placed, key: str, said: bytes = b"test") -> Posted:
    """A request as the endpoint hands it to its group."""
    terms = OneLease(campaign="morning", seconds=60, script="call-plan", caller="collector", case=one.case)
    return Posted(secret, key, said, terms, (Named(case=one.case),))


def requests_of_every_kind(desk: Desk, name: str) -> list[LeasePermits]:
    """Permitted, refused by law, refused before it; several persons, an account, an agency, another token's number."""
    whole, masked, agency = (
        bearer_of(desk),
        bearer_of(desk, scopes=("lease",)),
        bearer_of(desk, agency=True),
    )
    stopped, erased, mute = place(desk), place(desk), place(desk)
    add_stop(stopped.who.person, "deceased", None, "test", None, at=TEN, by="test")
    rows("UPDATE person SET data_key = NULL WHERE id = %s RETURNING id", erased.who.person)
    rows("UPDATE point SET is_misdirected = true WHERE person_id = %s RETURNING id", mute.who.person)
    own, placed, twice = place(desk), place(desk, at_agency=True), place(desk)
    keys = (f"{name}-{n}" for n in range(100))
    return [
        wanted(whole, place(desk), key=next(keys)),
        wanted(masked, place(desk), key=next(keys), seconds=7),
        wanted(whole, place(desk), place(desk), stopped, key=next(keys)),
        wanted(whole, erased, mute, Named(case="C-0"), Named(account="none"), twice, twice, key=next(keys)),
        wanted(agency, placed, own, key=next(keys), caller="agent"),
        wanted(agency, place(desk, at_agency=True), key=next(keys), caller=None),
        wanted(whole, place(desk), key=next(keys), script="no-such-script"),
        wanted(whole, place(desk), key=next(keys), caller="agent"),
        wanted(whole, place(desk), key=next(keys), campaign=f"only {name}"),
        wanted(whole, Named(case="C-0"), key=next(keys)),
    ]


def alone(command: LeasePermits) -> dict[str, Any] | Refused:
    try:
        return lease_permits(command, TEN)
    except Refused as refused:
        return refused


def without_names(answer: dict[str, Any] | Refused | None) -> object:
    """An answer without what differs from person to person: the lease's name, the digits of the number."""
    if not isinstance(answer, dict):
        return getattr(answer, "code", None)
    leases = [{**one, "lease": bool(one.get("lease"))} for one in answer["leases"]]
    return [{**one, "number": re.sub("[0-9]", "9", one.get("number", ""))} for one in leases]


LEASED = """
SELECT x.leased_at, x.expires_at, x.version - p.version, m.state, m.used_at, m.expires_at, m.must_end_by, m.form,
    m.purpose, m.collector, m.content_digest, d.state, d.gateway, d.claimed_at, d.attempts, v.verdict, v.rule, v.stage,
    (SELECT count(*) FROM leaf f WHERE f.source_id = v.id),
    (SELECT count(*) FROM permit_slot s WHERE s.permit_id = m.id)
FROM lease x JOIN person p ON p.id = x.person_id
JOIN permit m ON m.person_id = x.person_id AND m.id = x.permit_id
JOIN delivery d ON d.person_id = x.person_id AND d.id = x.delivery_id AND d.claimed_by = 't' || x.token_id
JOIN decision v ON v.person_id = m.person_id AND v.id = m.decision_id
WHERE x.token_id = %s ORDER BY x.person_id
"""
ANSWERED = "SELECT count(*) FROM kept_answer WHERE token_id = %s"
DECIDED = "SELECT verdict, rule, (facts -> 'collector')::text FROM decision WHERE by = %s ORDER BY person_id"


def written(commands: list[LeasePermits]) -> list[object]:
    """What stands in the rows of the requests' tokens since: everything but ids and what is sealed."""
    tokens = [command.bearer.token_id for command in commands]
    return [
        (
            rows(LEASED, token),
            rows(DECIDED, f"t{token}"),
            rows(ANSWERED, token),
        )
        for token in dict.fromkeys(tokens)
    ]


class TestAGroup:
    def test_answers_and_writes_what_its_requests_alone_would(self, desk: Desk) -> None:
        singly, grouped = (requests_of_every_kind(desk, name) for name in ("singly", "grouped"))
        expected = [alone(command) for command in singly]
        answers = lease_together(grouped, TEN)
        assert None not in answers
        assert [without_names(one) for one in answers] == [without_names(one) for one in expected]
        verdicts = {one.get("verdict") for answer in answers if isinstance(answer, dict) for one in answer["leases"]}
        assert verdicts == {"permit", "hold", "forbid", "refused"}
        assert written(grouped) == written(singly)

    def test_is_given_again_to_whoever_asks_again(self, desk: Desk) -> None:
        commands = requests_of_every_kind(desk, "again")
        first = lease_together(commands, TEN)
        again = lease_together(commands, TEN)
        assert [one for one in again if isinstance(one, dict)] == [one for one in first if isinstance(one, dict)]

    def test_decides_once_on_a_person_and_sends_the_others_away_to_ask_alone(self, desk: Desk, bearer: Bearer) -> None:
        someone, other = place(desk), place(desk)
        commands = [wanted(bearer, someone), wanted(bearer, other, someone), wanted(bearer, other)]
        answers = lease_together(commands, TEN)
        assert [one is None for one in answers] == [False, True, False]
        again = lease_permits(commands[1], TEN)["leases"]
        assert [one["verdict"] for one in again] == ["permit", "permit"], "the second of three calls of a day"

    def test_does_not_wait_for_a_person_whom_somebody_holds(self, desk: Desk, bearer: Bearer, database: str) -> None:
        busy, free = place(desk), place(desk)
        with psycopg.connect(database) as holder:
            holder.execute("SELECT 1 FROM person WHERE id = %s FOR UPDATE", [busy.who.person])
            answers = lease_together([wanted(bearer, busy), wanted(bearer, free)], TEN)
        assert answers[0] is None
        assert answers[1] is not None
        assert rows("SELECT count(*) FROM decision WHERE person_id = %s", busy.who.person) == [(0,)]


class TestKeysWithinAGroup:
    def test_the_same_request_twice_is_one_lease(self, desk: Desk) -> None:
        secret, someone = secret_of(desk), place(desk)
        done = at_once([lambda: leasing.lease(posted(secret, someone, "twice")) for _ in range(8)])
        assert len({json.dumps(one) for one in done if isinstance(one, dict)}) == 1
        assert all(isinstance(one, dict) for one in done)
        assert rows("SELECT count(*) FROM lease WHERE person_id = %s", someone.who.person) == [(1,)]

    def test_another_request_under_the_key_is_refused(self, desk: Desk) -> None:
        secret, one, two = secret_of(desk), place(desk), place(desk)
        jobs = [(one, b"one"), (two, b"two")]
        done = at_once([lambda j=job: leasing.lease(posted(secret, j[0], "shared", j[1])) for job in jobs])
        assert sorted(type(answer).__name__ for answer in done) == ["OtherRequest", "dict"]
        assert rows(
            "SELECT count(*) FROM lease WHERE person_id = ANY (%s)", [one.who.person, two.who.person]
        ) == [(1,)]  # fmt: skip


def test_64_threads_lease_no_more_than_the_cap(desk: Desk) -> None:
    people, secrets = [place(desk) for _ in range(4)], [secret_of(desk) for _ in range(4)]

    def ask(n: int, turn: int) -> str:
        answer = leasing.lease(posted(secrets[n % 4], people[n // 4 % 4], f"cap-{turn}-{n}"))
        return str(answer["leases"][0]["verdict"])

    for turn in range(2):
        done = at_once([partial(ask, n, turn) for n in range(64)])
        assert not [one for one in done if isinstance(one, Exception)], "nobody is sent away without an answer"
    for one in people:
        permits = rows("SELECT state FROM permit WHERE person_id = %s", one.who.person)
        assert permits == [("used",)] * 3, "three calls of a day"
        slots = "SELECT count(DISTINCT permit_id) FROM permit_slot WHERE person_id = %s"
        assert rows(slots, one.who.person) == [(3,)]


class TestAPoisonousRequest:
    def test_harms_itself_alone(self, desk: Desk, database: str) -> None:
        """The database refuses its permit at the commit, as it would wrong code: no caps are activated for its law."""
        profile = "cn.bank.online"
        outlaw = Desk(make_lender("L9", profile), Agency.objects.using("gate").get(code="A1"))
        make_staff("outlaw", "collector", outlaw.lender, 50)
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("DELETE FROM cap_activation WHERE profile = %s", [profile])
        good, bad = bearer_of(desk), bearer_of(outlaw)
        commands = [wanted(good, place(desk)) for _ in range(3)]
        poison = wanted(bad, place(outlaw), caller="outlaw")
        with pytest.raises(IntegrityError):
            lease_permits(poison, TEN)
        with pytest.raises(IntegrityError):
            lease_together([commands[0], poison, *commands[1:]], TEN)
        assert rows("SELECT count(*) FROM lease WHERE token_id = %s", good.token_id) == [(0,)]

        secret, poisonous = secret_of(desk), secret_of(outlaw)
        people, victim = [place(desk) for _ in range(6)], place(outlaw)
        jobs = [lambda one=one: leasing.lease(posted(secret, one, f"good-{one.case}")) for one in people]
        wrong = Posted(
            poisonous,
            "bad",
            b"test",
            OneLease(campaign="morning", seconds=60, script="call-plan", caller="outlaw", case=victim.case),
            (Named(case=victim.case),),
        )
        *answers, refused = at_once([*jobs, lambda: leasing.lease(wrong)])
        assert isinstance(refused, IntegrityError)
        assert [one["leases"][0]["verdict"] for one in answers] == ["permit"] * 6  # type: ignore[index]  # no exception


CHILD = """
import sys
from zhizhi.config import wiring
wiring.start()
from datetime import datetime
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.candidates import Named
from zhizhi.store.leases.tokens import load_bearer
from zhizhi.usecases.lease import LeasePermits, lease_together
secret, at, *cases = sys.argv[1:]
at = datetime.fromisoformat(at)
bearer = load_bearer(secret, at)
lease_together([
    LeasePermits(bearer, "morning", "call-plan", "collector", (Named(case=case),),
                 Asked(bearer.token_id, case, b"test"), 60, "collect")
    for case in cases
], at)
"""


WRITING = """
SELECT 1 FROM pg_stat_activity
WHERE application_name = 'zhizhi zhizhi_gate' AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_half_written(
    desk: Desk, database: str, tmp_path: Path
) -> None:
    keyring.install(open_local_keys(tmp_path / "keys" / "local.json", TEN))  # the other process finds the same keys
    people = [place(desk) for _ in range(5)]
    ids = [one.who.person for one in people]
    secret = secret_of(desk)
    before = rows("SELECT id, version FROM person WHERE id = ANY (%s) ORDER BY id", ids)
    arguments = [sys.executable, "-c", CHILD, secret, TEN.isoformat(), *(one.case for one in people)]
    environment = {**os.environ, "DATABASE_URL": database, "ZHIZHI_STATE": str(tmp_path)}
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE kept_answer IN SHARE ROW EXCLUSIVE MODE")  # the last table that a group writes
        child = subprocess.Popen(arguments, env=environment)
        deadline = time.monotonic() + 240
        while not holder.execute(
            "SELECT 1 FROM pg_locks WHERE relation = 'kept_answer'::regclass AND NOT granted"
        ).fetchone():
            assert child.poll() is None, "it ended before it wrote its answers"
            assert time.monotonic() < deadline
        child.send_signal(signal.SIGKILL)
        child.wait()
    tables = ("decision", "permit", "delivery", "lease", "permit_slot")
    while rows(WRITING):
        assert time.monotonic() < deadline  # the server hears of it when it answers
    for table in tables:
        assert rows(f"SELECT count(*) FROM {table} WHERE person_id = ANY (%s)", ids) == [(0,)], table
    assert rows("SELECT id, version FROM person WHERE id = ANY (%s) ORDER BY id", ids) == before
    done = [leasing.lease(posted(secret, one, one.case))["leases"][0]["verdict"] for one in people]
    assert done == ["permit"] * 5, "whoever asks again under the same keys is given leases"
