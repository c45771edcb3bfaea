"""Reading a column at once: the values where every cell has the common form, else nothing and cells are read singly.

What a reader here accepts is a part of what the reader of one cell (`values`) accepts, with the same value: it never
refuses, so that there is one place that says what is wrong. Cells given to it are not empty.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from zhizhi.core.kernel.money import Currency
from zhizhi.usecases.intake.limits import NUMBER_CHARACTERS_MAX
from zhizhi.usecases.intake.values import CHECK_CHARACTERS, CHECK_WEIGHTS

ColumnReader = Callable[[Sequence[str]], Sequence[object] | None]

_AMOUNT_DIGITS_MAX = 12
_EMAILS = re.compile(r"(?:[^@\s]{1,64}@[^@\s]{1,190}\n)*+")
_YUANS = re.compile(r"(?:[0-9]{1,9}\.[0-9]{2}\n)*+")
_WEIGHTS = np.array(CHECK_WEIGHTS, dtype=np.int32)
_CHECKS = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)
_IDENTITY_CHARACTERS = 18
_MOBILE_CHARACTERS = 11
_FEN = 2


def numbers(cells: Sequence[str]) -> Sequence[str] | None:
    """As `values.number`: plain letters and digits."""
    joined = "".join(cells)
    is_plain = joined.isascii() and joined.isalnum() and max(map(len, cells)) <= NUMBER_CHARACTERS_MAX
    return cells if is_plain else None


def texts(longest: int) -> ColumnReader:
    """As `values.text`: words without anything unseen."""

    def read(cells: Sequence[str]) -> Sequence[str] | None:
        joined = "".join(cells)
        if not joined.isprintable() or "\ufffd" in joined or max(map(len, cells)) > longest:
            return None
        stripped = list(map(str.strip, cells))
        return None if "" in stripped else stripped

    return read


def identity_numbers(cells: Sequence[str]) -> Sequence[str] | None:
    """As `values.identity_number`: 18 characters each, whose check character fits."""
    joined = "".join(cells)
    if not joined.isascii() or set(map(len, cells)) != {_IDENTITY_CHARACTERS}:
        return None
    characters = np.frombuffer(joined.encode(), dtype=np.uint8).reshape(-1, _IDENTITY_CHARACTERS)
    digits = characters[:, :-1] - np.uint8(ord("0"))  # what is no digit is above nine: octets wrap around
    if (digits > 9).any() or (digits[:, 0] == 0).any():
        return None
    fits = _CHECKS[(digits @ _WEIGHTS) % len(_CHECKS)] == characters[:, -1]
    return cells if fits.all() else None


def mobiles(cells: Sequence[str]) -> Sequence[str] | None:
    """As `values.mobile`: eleven digits from 1 on."""
    joined = "".join(cells)
    is_plain = joined.isascii() and joined.isdigit() and set(map(len, cells)) == {_MOBILE_CHARACTERS}
    return cells if is_plain and set(joined[::_MOBILE_CHARACTERS]) == {"1"} else None


def emails(cells: Sequence[str]) -> Sequence[str] | None:
    """As `values.email`: plain letters, in lower case."""
    lowered = "\n".join((*cells, "")).lower()
    # a cell with a line break inside would look like two addresses
    if not lowered.isascii() or lowered.count("\n") != len(cells) or not _EMAILS.fullmatch(lowered):
        return None
    return lowered[:-1].split("\n")


def amounts(unit: str, currency: Currency) -> ColumnReader | None:
    """As `values.amount`: digits alone, or yuan with two decimals."""
    if unit == "minor":
        return _minor_amounts
    return _yuan_amounts if currency.minor_digits == _FEN else None


def _minor_amounts(cells: Sequence[str]) -> Sequence[int] | None:
    joined = "".join(cells)
    is_plain = joined.isascii() and joined.isdigit() and max(map(len, cells)) <= _AMOUNT_DIGITS_MAX
    return list(map(int, cells)) if is_plain else None


def _yuan_amounts(cells: Sequence[str]) -> Sequence[int] | None:
    joined = "\n".join((*cells, ""))
    if joined.count("\n") != len(cells) or not _YUANS.fullmatch(joined):
        return None
    return list(map(int, joined.replace(".", "").split()))
