"""The batch against the reference evaluator: fixed seeds here, 10^7 proposals by `make nightly`."""

import pytest

from reference.batch_cases import cases
from reference.batch_differential import PROFILES, Tally, compare_cases
from zhizhi.store.packs import load_law

QUICK = ("cn.microloan", "strict")


def agrees(profile: str, reading: str, count: int, seed: int) -> Tally:
    tally = Tally()
    compare_cases(load_law(profile), reading, list(cases(profile, reading, count, seed)), tally)
    assert tally.differences == []
    assert tally.compared == count
    return tally


def test_the_batch_decides_as_the_reference_does():
    tally = agrees(*QUICK, count=300, seed=20260302)
    assert tally.in_tables > 0
    assert tally.permitted > 0


@pytest.mark.slow
@pytest.mark.parametrize("reading", ["strict", "text"])
@pytest.mark.parametrize("profile", PROFILES)
def test_the_batch_decides_as_the_reference_does_under_every_profile(profile, reading):
    agrees(profile, reading, count=400, seed=20260303)
