"""A few faults of every kind, each at a place that matters; `make faults` injects them at all places.

The cluster is the session's: what PostgreSQL itself does wrong needs one of its own and is left to `make faults`.
"""

from collections.abc import Iterator

import pytest

from faults.fault import Fault
from faults.launch import Launcher
from faults.plan import KINDS, run
from faults.stage import Stage, books_on
from zhizhi.gateways.postgres.server import Server

CLAIM = "COMMIT of WITH due AS (#1"
ENDS = "COMMIT of UPDATE person SET version#1"
FIXED = (
    f"kill/sms_http/before/{CLAIM}",
    f"kill/sms_http/after/{CLAIM}",
    f"kill/smtp/before/{ENDS}",
    f"cut/smpp/before/{ENDS}",
    f"cut/sms_http/after/{ENDS}",
    "net/sms_http/half/> content#2",
    "net/smtp/gone/> end of data#1",
    "net/smpp/cut/> submit_sm#2",
    "lie/sms_http/twice/< content#1",
    "answer/sms_http/502_after/message#1",
    "answer/sms_http/receipts_repeated/message#1",
    "answer/smpp/busy/message#2",
)


@pytest.fixture(scope="module")
def stage(server: Server, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The books of every play on the cluster of this session."""
    with Launcher() as launcher:
        staged = Stage(tmp_path_factory.mktemp("stage"), server, launcher, empty=template_database)
        with books_on(staged):
            yield staged


@pytest.mark.parametrize("name", FIXED)
def test_after_a_fault_every_promise_holds(name: str, stage: Stage) -> None:
    fault = Fault.parse(name)
    assert not KINDS[fault.kind].alone
    outcome = run(stage, fault)
    assert outcome.played.struck, "the fault met nothing: the product takes other steps than when it was written"
    assert not outcome.verdict.broken, f"{outcome.verdict.broken}\n{outcome.said}"


def test_a_fault_has_a_name_that_finds_it_again() -> None:
    for name in FIXED:
        assert str(Fault.parse(name)) == name
