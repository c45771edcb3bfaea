"""The published conformance cases of the operations that this version holds."""

import os
from pathlib import Path

import pytest

from zhizhi.core.debt.check import check_case
from zhizhi.core.debt.document import parse_cases
from zhizhi.core.debt.operations import OPERATIONS, OpName

SHARED = Path(os.environ.get("ZHIZHI_SHARED", Path(__file__).parents[3] / "shared"))
VECTORS = SHARED / "vectors/debt_cases.json"
HELD_AT_LEAST = 133
"""Published cases of the operations held when this was written: fewer would mean that the file was not read."""


@pytest.mark.skipif(not VECTORS.exists(), reason="the published cases are not beside this checkout")
def test_every_published_case_of_a_held_operation_comes_out_as_expected() -> None:
    cases = [case for case in parse_cases(VECTORS.read_bytes()) if OpName(case["op"]) in OPERATIONS]  # type: ignore[arg-type]  # published
    assert len(cases) >= HELD_AT_LEAST
    assert [difference for case in cases for difference in check_case(case)] == []
