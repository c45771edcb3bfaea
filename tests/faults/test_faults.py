"""A few faults of every kind, each at a place that matters; `make faults` injects them at all places.

The cluster is the session's: what PostgreSQL itself does wrong needs one of its own and is left to `make faults`, as
are a whole day, the packs, stepped clocks and a campaign.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from faults.fault import Fault, Outcome
from faults.launch import Launcher
from faults.plan import KINDS, run
from faults.stage import PLAYS, Stage, books_on
from zhizhi.gateways.postgres.server import Server

AT_ONCE = 4  # a scene waits more than it works
CLAIM = "COMMIT of WITH due AS (#1"
ENDS = "COMMIT of UPDATE person SET version#1"
FIXED = (
    f"kill/sms_http/after/{CLAIM}",
    f"cut/smpp/before/{ENDS}",
    "net/sms_http/half/> content#2",
    "lie/smtp/twice/< end of data#1",
    "never/sms_http/late/> content#2",
    "sending/smpp/after/> submit_sm#3",
    "answer/sms_http/502_after/message#1",
    f"web/payment/kill_after/{ENDS}",
    "import/import/kill_before/COMMIT of COPY stage_account FROM STDIN#1",
)


@pytest.fixture(scope="module")
def outcomes(
    server: Server, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Outcome]]]:
    """All of them, beside each other, on the cluster of this session."""
    with Launcher() as launcher:
        staged = Stage(tmp_path_factory.mktemp("stage"), server, launcher, empty=template_database)
        with books_on(staged, tuple(PLAYS)), ThreadPoolExecutor(AT_ONCE) as pool:
            yield {name: pool.submit(run, staged, Fault.parse(name)) for name in FIXED}
            staged.ending.set()  # of a session that ends early
            pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", FIXED)
def test_after_a_fault_every_promise_holds(name: str, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[name].result()
    assert not KINDS[outcome.fault.kind].alone
    assert not outcome.verdict.broken, f"{outcome.verdict.broken}\n{outcome.said}"
    assert outcome.played.struck, "the fault met nothing: the product takes other steps than when it was written"


def test_a_fault_has_a_name_that_finds_it_again() -> None:
    for name in FIXED:
        assert str(Fault.parse(name)) == name
