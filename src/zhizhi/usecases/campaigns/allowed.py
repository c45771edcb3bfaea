"""Which right a step of a campaign wants: a hand on its brake is given to more people than one on its throttle."""

from zhizhi.store.lenders.rights import Right

HALTING = frozenset(("paused", "cancelled"))


def right_to(what: str) -> Right:
    """The right to a step; everything that is no halt wants the one to run it."""
    return Right.HALT_CAMPAIGN if what in HALTING else Right.RUN_CAMPAIGN
