"""How fast a token may ask: the generic cell rate algorithm, one statement, by the database's clock."""

import math
from dataclasses import dataclass

from zhizhi.store.many import Question, ask


@dataclass(frozen=True, slots=True)
class Pace:
    """So many requests a minute, and so many at once."""

    per_minute: int
    at_once: int


# A request pays for one interval. Whoever has paid further ahead than `at_once` intervals waits; waiting costs nothing.
_PAY = """
INSERT INTO api_pace AS p (token_id, paid_until)
VALUES (%s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (token_id) DO UPDATE SET paid_until = greatest(p.paid_until, clock_timestamp()) + make_interval(secs => %s)
WHERE p.paid_until <= clock_timestamp() + make_interval(secs => %s)
RETURNING 1
"""
_WAIT = """
SELECT extract(epoch FROM paid_until - clock_timestamp())::float8 - %s FROM api_pace WHERE token_id = %s
"""


def seconds_to_wait(token_id: int, pace: Pace) -> int:
    """0 where the request may go on, and is counted; else after how many whole seconds it may come again."""
    interval = 60 / pace.per_minute
    ahead = interval * (pace.at_once - 1)
    if ask(Question(_PAY, [token_id, interval, interval, ahead], list)):
        return 0
    rows = ask(Question(_WAIT, [ahead, token_id], list))
    return max(1, math.ceil(rows[0][0])) if rows else 1
