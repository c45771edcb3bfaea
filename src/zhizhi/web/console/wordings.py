"""Comparing two wordings piece by piece, for somebody who has to approve the newer one."""

import difflib
import re
from dataclasses import dataclass

_PIECES = re.compile(r"\{\w+\}|[A-Za-z0-9]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: `same`, `added` or `gone`."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The later wording with what was added and what is gone; variables, words and characters are never torn."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces = []
    for change, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if change == "equal":
            pieces.append(Piece("same", "".join(new[new_from:new_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece("gone", "".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece("added", "".join(new[new_from:new_to])))
    return pieces
