"""A zip that somebody brings as a pack: read whole, or refused in one clear way, whatever is wrong with it."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from zhizhi.store.law.releases import PACK_BYTES_MAX, BadPackFile, files_of_zip

HEAD = b"id = 'cn.try'\n" * 40
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
FLAGS_OF = {LOCAL: 6, CENTRAL: 8}
METHOD_OF = {LOCAL: 8, CENTRAL: 10}
CRC_OF = {LOCAL: 14, CENTRAL: 16}
SIZE_OF = {LOCAL: 22, CENTRAL: 24}
DATA_AT = 30 + len("pack.toml")


def zipped(*names: str, content: bytes = HEAD) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            opened.writestr(name, content)
    return held.getvalue()


def set_field(body: bytes, places: dict[bytes, int], written: bytes) -> bytes:
    """A field of both headers of the one member, overwritten."""
    changed = bytearray(body)
    for header, place in places.items():
        first = body.index(header) + place
        changed[first : first + len(written)] = written
    return bytes(changed)


def with_torn_stream(body: bytes) -> bytes:
    return body[:DATA_AT] + b"\xff" * 8 + body[DATA_AT + 8 :]


def bomb() -> bytes:
    """Says that it is small and unpacks to more than it says."""
    return set_field(zipped("pack.toml", content=b"\0" * (1 << 20)), SIZE_OF, struct.pack("<I", 64))


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "half": lambda: b"PK\x03\x04 half a zip",
    "text": lambda: b"rules",
    "cut short": lambda: zipped("pack.toml")[:-30],
    "torn deflate stream": lambda: with_torn_stream(zipped("pack.toml")),
    "wrong check sum": lambda: set_field(zipped("pack.toml"), CRC_OF, b"\0\0\0\0"),
    "encrypted": lambda: set_field(zipped("pack.toml"), FLAGS_OF, b"\x01\x00"),
    "unknown method": lambda: set_field(zipped("pack.toml"), METHOD_OF, struct.pack("<H", 97)),
    "method that does not fit the stream: bzip2": lambda: set_field(zipped("pack.toml"), METHOD_OF, b"\x0c\x00"),
    "method that does not fit the stream: lzma": lambda: set_field(zipped("pack.toml"), METHOD_OF, b"\x0e\x00"),
    "larger than it says": bomb,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_zip_that_cannot_be_read_is_refused_in_both_languages(name: str) -> None:
    with pytest.raises(BadPackFile) as refused:
        files_of_zip(UNREADABLE[name]())
    assert refused.value.code == "no_zip"
    assert "zip" in refused.value.text.zh
    assert "help:" in refused.value.text.en


def test_the_torn_stream_is_one_that_the_library_gives_up_on() -> None:
    with zipfile.ZipFile(io.BytesIO(with_torn_stream(zipped("pack.toml")))) as opened, pytest.raises(zlib.error):
        opened.read("pack.toml")


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    body = zipped("pack.toml", content=b"\0" * (PACK_BYTES_MAX + 1))
    assert len(body) < PACK_BYTES_MAX / 100
    with pytest.raises(BadPackFile) as refused:
        files_of_zip(body)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("name", ["../rules.yaml", "/rules.yaml", "pack/../../rules.yaml", "..\\rules.yaml"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(BadPackFile) as refused:
        files_of_zip(zipped("pack.toml", name))
    assert refused.value.code == "bad_names"


@pytest.mark.parametrize("names", [("rules.yaml",), ("a/pack.toml", "b/pack.toml")])
def test_a_zip_without_one_pack_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(BadPackFile) as refused:
        files_of_zip(zipped(*names))
    assert refused.value.code == "no_pack"


def test_the_folder_itself_may_be_the_first_level() -> None:
    assert files_of_zip(zipped("mine/pack.toml", "mine/params/a.yaml")) == {"pack.toml": HEAD, "params/a.yaml": HEAD}
