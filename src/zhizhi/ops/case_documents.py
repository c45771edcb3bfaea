"""Documents of conduct cases: read once to refuse what is none, then case by case, so that memory stays small."""

import json
import re
from collections.abc import Iterator
from typing import Any

import click

DOCUMENT_BYTES_MAX = 256 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
CASES_MAX = 1_000_000
_BLANK = re.compile(r"[ \t\n\r]*")
_NO_CASES = "neither an object nor an array of objects"
# JSON lets these stand in a text, but many readers end a line there; one case is one line.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


class BadDocument(Exception):
    """A document that cannot be read at all."""


def read_cases(source: str) -> Iterator[dict[str, Any]]:
    """The cases of a file, or of `-`. Refuses, before the first case comes out: BadDocument."""
    text = _text(source)
    try:
        for place, _ in enumerate(_walk(text)):
            if place >= CASES_MAX:
                raise BadDocument(f"more than {CASES_MAX} cases")
    except (json.JSONDecodeError, RecursionError, ValueError) as wrong:
        raise BadDocument(f"no JSON: {wrong}") from wrong
    return _walk(text)


def to_line(document: dict[str, object]) -> bytes:
    """One line of UTF-8, whatever the terminal speaks."""
    return json.dumps(document, ensure_ascii=False).translate(_LINE_ENDS).encode("utf-8", "replace")


def _text(source: str) -> str:
    raw = bytearray()
    try:
        with click.open_file(source, "rb") as stream:
            while len(raw) <= DOCUMENT_BYTES_MAX and (piece := stream.read(PIECE_BYTES)):
                raw += piece
    except OSError as wrong:
        raise BadDocument(f"`{source}` cannot be read: {wrong.strerror}") from wrong
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise BadDocument(f"more than {DOCUMENT_BYTES_MAX} bytes")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise BadDocument("it begins with a byte order mark; help: save it as UTF-8 without one")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise BadDocument(f"not UTF-8 at byte {wrong.start}; help: save it as UTF-8") from wrong


def _walk(text: str) -> Iterator[dict[str, Any]]:
    """The objects of a document, one after the other, none kept."""
    place = _after_blank(text, 0)
    if not text.startswith("[", place):
        case, place = _DECODER.raw_decode(text, place)
        yield _object(case)
    else:
        place = _after_blank(text, place + 1)
        more = not text.startswith("]", place)
        while more:
            case, place = _DECODER.raw_decode(text, place)
            yield _object(case)
            place = _after_blank(text, place)
            more = text.startswith(",", place)
            if more:
                place = _after_blank(text, place + 1)
        if not text.startswith("]", place):
            raise json.JSONDecodeError("Expecting `,` or `]`", text, place)
        place += 1
    if _after_blank(text, place) != len(text):
        raise json.JSONDecodeError("Extra data", text, place)


def _after_blank(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    assert blank is not None, "the pattern matches nothing too"
    return blank.end()


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadDocument(_NO_CASES)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadDocument("no JSON: a key is repeated in one object")
    return found


def _no_constant(word: str) -> None:
    raise BadDocument(f"no JSON: {word} is no JSON value")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
