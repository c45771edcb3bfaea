"""A map or settings that a person wrote: read whole, or refused with its name and what to do."""

from pathlib import Path

import pytest

from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.small_text import read_small_text


class SettingsRefused(Refused):
    """What a reader of settings refuses with."""


def test_a_text_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    for octets in (b"a = '\xe7\x94\xb2'", b"\xef\xbb\xbfa = '\xe7\x94\xb2'"):
        path.write_bytes(octets)
        assert read_small_text(path, 20, SettingsRefused) == "a = '甲'"


@pytest.mark.parametrize(
    ("octets", "code", "said"),
    [
        (None, "unreadable", "No such file"),
        (b"a" * 21, "too_large", "20 bytes"),
        (b"name = '\xbc\xd7'", "not_utf8", "byte 9"),
    ],
)
def test_what_cannot_be_read_is_refused_in_both_languages(
    tmp_path: Path, octets: bytes | None, code: str, said: str
) -> None:
    path = tmp_path / "map.toml"
    if octets is not None:
        path.write_bytes(octets)
    with pytest.raises(SettingsRefused) as refused:
        read_small_text(path, 20, SettingsRefused)
    assert refused.value.code == code
    assert said in refused.value.text.en
    for language in (refused.value.text.zh, refused.value.text.en):
        assert "map.toml" in language
        assert str(tmp_path) not in language
