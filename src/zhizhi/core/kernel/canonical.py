"""Canonical JSON (RFC 8785), written by the standard library's encoder where that writes the very same octets."""

import json
import re
from typing import Final

import rfc8785

_HALVES = re.compile("[\ud800-\udfff]")  # of a character: no octets stand for one alone
SAFE_INTEGER: Final = 2**53 - 1  # beyond it a reader whose numbers are binary64 would read another number
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: object) -> bytes:
    """The canonical octets of a JSON value. Refuses: rfc8785.CanonicalizationError for what JSON cannot hold."""
    if _is_plain(value):
        written = _encode(value)
        if written.isascii() or not _HALVES.search(written):
            return written.encode()
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # it asks the value itself


def _is_plain(value: object) -> bool:
    """Whether both encoders agree: no fractions, no subclasses, and keys whose order is that of their octets."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -SAFE_INTEGER <= value <= SAFE_INTEGER  # type: ignore[operator]  # an int
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(member)
            for key, member in value.items()  # type: ignore[attr-defined]  # a dict
        )
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]  # a list or a tuple
    return False
