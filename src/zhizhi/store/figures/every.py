"""Every figure by its code, so that an address can name one."""

from zhizhi.store.figures import attempts, collected, flow, promises, reach, zeros
from zhizhi.store.figures.figure import Figure, Ratio

COLLECTIONS: dict[str, tuple[Figure | Ratio, ...]] = {
    "collected": (
        collected.COLLECTED_TODAY,
        collected.COLLECTED_MONTH,
        collected.COLLECTED_LAST_CYCLE_DAY,
        collected.COLLECTED_LAST_CYCLE,
    ),
    "flow": flow.FLOWS,
    "buckets": flow.BUCKETS,
    "rolls": (collected.ENTERED_THIRTY, collected.COLLECTED_THIRTY),
    "promises": (
        promises.DUE_TODAY,
        promises.DUE_SEVEN,
        promises.ENDED,
        promises.KEPT,
        promises.BROKEN,
        promises.KEPT_SHARE,
        promises.PLANS,
        promises.PLANS_KEPT_SHARE,
    ),
    "reach": (
        reach.OPEN_CASES,
        reach.REACHABLE_SHARE,
        reach.DIALS,
        reach.ANSWERED,
        reach.RIGHT_PARTY,
        reach.RIGHT_PARTY_SHARE,
        reach.DIALS_A_PERSON,
        reach.UNTALKED_SHARE,
    ),
}
COMPLIANCE: dict[str, tuple[Figure | Ratio, ...]] = {
    "zeros": zeros.ZEROS,
    "attempts": (attempts.PERMITTED, attempts.REFUSED, attempts.HELD, attempts.NEAR_CAP, attempts.AT_CAP),
}


def _figures() -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for group in (*COLLECTIONS.values(), *COMPLIANCE.values()):
        for one in group:
            for figure in (one.above, one.below) if isinstance(one, Ratio) else (one,):
                found[figure.code] = figure
    return found


FIGURES = _figures()
