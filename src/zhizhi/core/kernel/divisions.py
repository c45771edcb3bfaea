"""Administrative divisions of China by their code: two digits of the province, two of the city, two of the county.

Source: GB/T 2260. Pairs of noughts at the end say nothing: 410000 is a province, 410100 a city of it.
"""

import re
from collections.abc import Iterable

_CODE = re.compile(r"[1-8][0-9]{5}", re.ASCII)
_NOTHING = re.compile(r"(?:00){1,2}$")


def is_division(code: str) -> bool:
    """Whether it is written as a code: six digits, of a province that can be. Boundary: codes come and go with the
    years, so one that no list holds may be one."""
    return _CODE.fullmatch(code) is not None


def stem(code: str) -> str:
    """The digits that say something: 41, 4101 or 410102."""
    assert is_division(code), "a code of a division"
    return _NOTHING.sub("", code)


def may_lie_in(residence: str | None, areas: Iterable[str]) -> bool:
    """Whether somebody who lives there may live in one of the areas: within it, or around it where no more is known.

    Who lives nobody knows where may live anywhere; no area at all is everywhere.
    """
    wanted = [stem(area) for area in areas]
    if residence is None or not wanted:
        return True
    lives = stem(residence)
    return any(lives.startswith(area) or area.startswith(lives) for area in wanted)
