"""Say, having checked them, that the clocks are right: after a step of a machine that holds its database too."""

from datetime import datetime

from zhizhi.store.operations.clock_marks import KnownClocks
from zhizhi.store.operations.clock_marks import accept_clocks as accept_marks
from zhizhi.usecases.free_text import checked_text

GROUND_CHARACTERS_MIN = 6


def accept_clocks(ground: str, at: datetime) -> KnownClocks:
    """Write it, with a leaf. Refuses: no ground."""
    return accept_marks(checked_text(ground, "ground", characters_min=GROUND_CHARACTERS_MIN), at)
