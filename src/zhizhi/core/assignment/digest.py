"""What an assignment does, as one digest: of a preview, of the run that follows it, and of the rows that are kept."""

import hashlib
from collections.abc import Iterable

from zhizhi.core.assignment.facts import Move


def digest_of(moves: Iterable[Move]) -> bytes:
    """SHA-256 over one line a move, by case: case, from, to, why, home, held, capacity, among, unplaced."""
    whole = hashlib.sha256()
    for move in sorted(moves, key=lambda one: one.case_id):
        figures = (move.held, move.capacity, move.among)
        named = (move.from_id, move.to_id, move.why.value, move.home_id)
        parts = (move.case_id, *named, *figures, move.unplaced.value if move.unplaced else None)
        whole.update("|".join("" if part is None else str(part) for part in parts).encode() + b"\n")
    return whole.digest()
