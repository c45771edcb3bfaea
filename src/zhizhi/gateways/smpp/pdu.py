"""The octets of SMPP 3.4 that a sender needs: bind, submit, deliver, enquire, unbind; and how a text becomes parts.

Our own small codec: aiosmpplib's refuses a vendor's status codes and misreads 16-bit part references, and both happen.
"""

import struct
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct("!IIII")
MAX_PDU_OCTETS = 65_536 + 1_024
MAX_PARTS = 20
_VERSION_3_4 = 0x34
_UDH_INDICATOR = 0x40
_UCS2 = 8
_TAG_RECEIPTED_ID = 0x001E
_TAG_MESSAGE_STATE = 0x0427
_TAG_PAYLOAD = 0x0424
# in both ASCII and the GSM default alphabet, at the same code
_SAFE = frozenset(" !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\r\n")
_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\"}
_GSM_EXTENDED |= {0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}


class Command(IntEnum):
    """Command ids; a response is the request with the highest bit set."""

    GENERIC_NACK = 0x80000000
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015


class BadPduError(ValueError):
    """Octets that are no SMPP: the session cannot go on, or this one message cannot be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One short message of a text."""

    octets: bytes = field(repr=False)
    data_coding: int
    has_udh: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a deliver_sm carries: a receipt, or a message of a subscriber (perhaps a part of one)."""

    source: str = field(repr=False)
    is_receipt: bool
    text: str = field(repr=False)
    receipted_id: str | None
    message_state: int | None
    reference: int | None
    part: int
    parts: int


def pack(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """One PDU."""
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """The body of bind_transceiver. Refuses: what does not fit the protocol's fields (ValueError)."""
    return (
        _c_octets(system_id, 15)
        + _c_octets(password, 8)
        + _c_octets(system_type, 12)
        + bytes((_VERSION_3_4, 0, 0))
        + b"\0"
    )


def submit_body(source: str, destination: str, part: Part, *, valid_seconds: int, wants_receipt: bool) -> bytes:
    """The body of submit_sm. The carrier drops what it cannot deliver within `valid_seconds`: the permit ends then."""
    esm_class = _UDH_INDICATOR if part.has_udh else 0
    source_ton, source_npi = (1, 1) if source.isdecimal() else (5, 0)
    head = b"\0" + bytes((source_ton, source_npi)) + _c_octets(source, 20)
    head += bytes((1 if destination.startswith("+") else 0, 1)) + _c_octets(destination.removeprefix("+"), 20)
    head += bytes((esm_class, 0, 0)) + b"\0" + _c_octets(_relative_time(valid_seconds), 16)
    return head + bytes((int(wants_receipt), 0, part.data_coding, 0, len(part.octets))) + part.octets


def split(text: str, reference: int) -> list[Part]:
    """The parts of a text: one octet a letter where the alphabets agree, else UCS-2; no character is cut in two.

    Limit: MAX_PARTS. Refuses: a longer text, an unpaired surrogate (ValueError).
    """
    if set(text) <= _SAFE:
        pieces, coding, alone = _cut(text, 160, 153), 0, text.encode("ascii")
        encoded = [piece.encode("ascii") for piece in pieces]
    else:
        pieces, coding, alone = _cut(text, 70, 67), _UCS2, text.encode("utf-16-be")
        encoded = [piece.encode("utf-16-be") for piece in pieces]
    if len(pieces) == 1:
        return [Part(alone, coding, has_udh=False)]
    if len(pieces) > MAX_PARTS:
        raise ValueError("the text has too many parts")
    head = (5, 0, 3, reference & 0xFF, len(pieces))
    return [Part(bytes((*head, n)) + octets, coding, has_udh=True) for n, octets in enumerate(encoded, 1)]


def read_delivered(body: bytes) -> Delivered:
    """A deliver_sm. Refuses: octets that do not add up (BadPduError)."""
    try:
        return _read_delivered(body)
    except (IndexError, ValueError, struct.error) as error:
        raise BadPduError("a deliver_sm that cannot be read") from error


def read_c_octets(body: bytes, start: int = 0) -> tuple[str, int]:
    """A zero-ended string and where the next field begins. Refuses: no zero (ValueError)."""
    end = body.index(0, start)
    return body[start:end].decode("latin-1"), end + 1


def _read_delivered(body: bytes) -> Delivered:
    _, at = read_c_octets(body)
    source, at = read_c_octets(body, at + 2)
    _, at = read_c_octets(body, at + 2)
    esm_class = body[at]
    _, at = read_c_octets(body, at + 3)
    _, at = read_c_octets(body, at)
    coding, length, at = body[at + 2], body[at + 4], at + 5
    octets, at = body[at : at + length], at + length
    if len(octets) != length:
        raise ValueError("cut")
    tags: dict[int, bytes] = {}
    while at < len(body):
        tag, size = struct.unpack_from("!HH", body, at)
        tags[tag] = body[at + 4 : at + 4 + size]
        at += 4 + size
    octets = octets or tags.get(_TAG_PAYLOAD, b"")
    reference, part, parts, octets = _read_udh(octets) if esm_class & _UDH_INDICATOR else (None, 1, 1, octets)
    state = tags.get(_TAG_MESSAGE_STATE)
    receipted = tags.get(_TAG_RECEIPTED_ID)
    return Delivered(
        source=source,
        is_receipt=(esm_class & 0x3C) in (0x04, 0x20),
        text=_decode(octets, coding),
        receipted_id=receipted.rstrip(b"\0").decode("latin-1") if receipted is not None else None,
        message_state=state[0] if state else None,
        reference=reference,
        part=part,
        parts=parts,
    )


def _read_udh(octets: bytes) -> tuple[int | None, int, int, bytes]:
    end = octets[0] + 1
    header, rest = octets[1:end], octets[end:]
    at = 0
    while at + 2 <= len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if kind == 0x00 and size == 3:
            return value[0], value[2], value[1], rest
        if kind == 0x08 and size == 4:
            return int.from_bytes(value[:2], "big"), value[3], value[2], rest
        at += 2 + size
    return None, 1, 1, rest


def _decode(octets: bytes, coding: int) -> str:
    if coding == _UCS2:
        return octets.decode("utf-16-be", "replace")
    if coding == 0:
        return _decode_gsm(octets)
    return octets.decode("latin-1")


def _decode_gsm(octets: bytes) -> str:
    text, escaped = [], False
    for octet in octets:
        if escaped:
            text.append(_GSM_EXTENDED.get(octet, " "))
            escaped = False
        elif octet == 0x1B:
            escaped = True
        else:
            text.append(_GSM[octet] if octet < len(_GSM) else "\ufffd")
    return "".join(text)


def _cut(text: str, alone: int, each: int) -> list[str]:
    """Pieces of at most `each` UTF-16 units, or the whole where it has at most `alone`."""
    sizes = [2 if ord(c) > 0xFFFF else 1 for c in text]
    if sum(sizes) <= alone:
        return [text]
    pieces: list[str] = []
    start = used = 0
    for position, size in enumerate(sizes):
        if used + size > each:
            pieces.append(text[start:position])
            start, used = position, 0
        used += size
    return [*pieces, text[start:]]


def _relative_time(seconds: int) -> str:
    minutes, second = divmod(max(1, seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days > 27:
        days, hour, minute, second = 27, 23, 59, 59
    return f"0000{days:02d}{hour:02d}{minute:02d}{second:02d}000R"


def _c_octets(text: str, limit: int) -> bytes:
    octets = text.encode("ascii")
    if len(octets) > limit or b"\0" in octets:
        raise ValueError("a field of the protocol is too short for its value")
    return octets + b"\0"
