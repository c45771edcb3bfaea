"""Chinese as it is set: full-width punctuation, although packs and traces write it half-width."""

import re

_HAN = "\u3007\u3400-\u9fff"
_FULL = str.maketrans(",;:?!", "，；：？！")
_QUOTED = re.compile(r"(`[^`]*`)")  # names and text of users stand in backticks: a copy of them has to work
_AFTER_HAN = re.compile(f"(?<=[{_HAN}”’）》〕])([,;:?!]) ?")
_BEFORE_HAN = re.compile(f"(?<![\\s,;]) ?([,;]) ?(?=[{_HAN}“《（])")
_BRACKETS = re.compile(f"(?: ?\\((?=[^()]*[{_HAN}])|(?<=[{_HAN}])\\()([^()]*)\\)")


def set_chinese(written: str) -> str:
    """The same sentence with the punctuation of Chinese print.

    Boundary: between digits and Latin words nothing moves.
    """
    pieces = _QUOTED.split(written)
    return "".join(piece if piece.startswith("`") else _set(piece) for piece in pieces)


def _set(piece: str) -> str:
    bracketed = _BRACKETS.sub(r"（\1）", piece)
    after = _AFTER_HAN.sub(lambda found: found[1].translate(_FULL), bracketed)
    return _BEFORE_HAN.sub(lambda found: found[1].translate(_FULL), after)
