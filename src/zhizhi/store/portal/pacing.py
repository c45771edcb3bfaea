"""How often a code may be asked for: by one number, from one address, and by everybody together.

Counted like failures of a sign-in, under keyed digests, by what was typed alone: nobody learns by a wait who exists.
"""

from datetime import datetime, timedelta

from zhizhi.store.portal.finding import normal_number
from zhizhi.store.sign_in.marks import keyed_mark
from zhizhi.store.sign_in.pace import Pace
from zhizhi.store.sign_in.waits import Wait, count_attempt

NUMBER = Pace(2, timedelta(hours=1), timedelta(days=1), None, timedelta(days=1))
"""Three, then an hour, two, four …, a day: who knows a number cannot fill its telephone."""
ADDRESS = Pace(20, timedelta(seconds=30), timedelta(minutes=10), None, timedelta(minutes=3))
"""Of one address: many may stand behind it."""
EVERYBODY = Pace(300, timedelta(seconds=1), timedelta(minutes=1), None, timedelta(seconds=1))
"""Of all: slows a flood, and never shuts."""


def count_asking(number: str, address: str, at: datetime) -> Wait | None:
    """Count one request for a code; the wait where there were too many, and then nothing is counted."""
    return count_attempt(
        {
            keyed_mark("portal number", normal_number(number)): NUMBER,
            keyed_mark("portal address", address): ADDRESS,
            keyed_mark("portal", ""): EVERYBODY,
        },
        at,
    )
