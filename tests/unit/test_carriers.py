"""The carrier of a number is read where its prefix tells it, and nowhere else."""

import pytest

from zhizhi.core.kernel.carriers import BROADNET, MOBILE, TELECOM, UNICOM, carrier_of

REST = "0" * 8


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("139" + REST, MOBILE),
        ("186" + REST, UNICOM),
        ("189" + REST, TELECOM),
        ("192" + REST, BROADNET),
        ("+86139" + REST, MOBILE),
        ("86186" + REST, UNICOM),
        ("1349" + REST[1:], None),  # satellite
        ("170" + REST, None),  # a reseller's
        ("100" + REST, None),  # nobody's
        ("139" + REST[1:], None),  # a digit is missing
        ("+44139" + REST, None),
        ("010-" + REST, None),
        ("１３９" + REST, None),  # what is not plain digits was not normalised
        ("", None),
    ],
)
def test_the_prefix_tells_it_or_nobody_does(number: str, carrier: str | None) -> None:
    assert carrier_of(number) == carrier
