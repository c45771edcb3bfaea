"""`channels.toml`: how long an answer is waited for, and how many messages may be on their way at once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from zhizhi.gateways.connected import (
    AT_ONCE_MAX,
    ChannelSettings,
    ChannelsRefused,
    Surrounding,
    all_at_once,
    build,
    load_settings,
)

TABLES = {
    "sms_http": ("sms", 'base_url = "http://127.0.0.1:9"\naccess_key = "k"\nsecret_file = "{secret}"', 10.0),
    "smpp": ("sms", 'host = "h"\nport = 9\nsystem_id = "s"\nsource = "1"\nsecret_file = "{secret}"', 10.0),
    "smtp": ("email", 'host = "h"\nport = 9\nsender = "a@lender.example"\nsecurity = "plain"', 20.0),
}


def settings_of(folder: Path, gateway: str, more: str = "") -> ChannelSettings:
    """What the file says."""
    channel, table, _ = TABLES[gateway]
    secret = folder / "secret"
    secret.write_text("x", encoding="utf-8")
    text = f'[{channel}]\ngateway = "{gateway}"\n{table.format(secret=secret)}\n{more}\n'
    (folder / "channels.toml").write_text(text, encoding="utf-8")
    return load_settings(folder / "channels.toml")


def channel_of(folder: Path, gateway: str, more: str = "") -> Any:
    """The channel that the file describes."""
    around = Surrounding(folder, "", 0, lambda: datetime.now(UTC), lambda _event: None)
    return build(settings_of(folder, gateway, more), around)[gateway][TABLES[gateway][0]]


@pytest.mark.parametrize("gateway", TABLES)
def test_an_answer_is_waited_for_as_long_as_the_file_says(gateway: str, tmp_path: Path) -> None:
    assert channel_of(tmp_path, gateway)._settings.timeout_seconds == TABLES[gateway][2]
    assert channel_of(tmp_path, gateway, "timeout_seconds = 2.5")._settings.timeout_seconds == 2.5
    assert channel_of(tmp_path, gateway, "timeout_seconds = 60")._settings.timeout_seconds == 60.0


@pytest.mark.parametrize("gateway", TABLES)
@pytest.mark.parametrize("given", ["0", "0.5", "61", "-1", "true", '"10"', "nan", "inf"])
def test_a_time_that_a_claim_does_not_outlive_is_refused(gateway: str, given: str, tmp_path: Path) -> None:
    with pytest.raises(ChannelsRefused, match="timeout_seconds"):
        channel_of(tmp_path, gateway, f"timeout_seconds = {given}")


@pytest.mark.parametrize("gateway", TABLES)
def test_so_many_are_on_their_way_at_once_as_the_file_says(gateway: str, tmp_path: Path) -> None:
    way = (gateway, TABLES[gateway][0])
    assert 1 < all_at_once(settings_of(tmp_path, gateway))[way] <= 4
    assert all_at_once(settings_of(tmp_path, gateway, f"at_once = {AT_ONCE_MAX}"))[way] == AT_ONCE_MAX
    assert all_at_once(settings_of(tmp_path, gateway, "at_once = 1"))[way] == 1
    for given in ("0", str(AT_ONCE_MAX + 1), "-1", "true", "2.0", '"4"'):
        with pytest.raises(ChannelsRefused, match="at_once"):
            all_at_once(settings_of(tmp_path, gateway, f"at_once = {given}"))


def test_a_channel_that_takes_one_at_a_time_cannot_be_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "channels.toml").write_text('[sms]\ngateway = "sink"\nat_once = 2\n', encoding="utf-8")
    with pytest.raises(ChannelsRefused, match="at_once"):
        all_at_once(load_settings(tmp_path / "channels.toml"))
    assert all_at_once(load_settings(tmp_path / "absent.toml")) == {
        ("sink", "sms"): 1, ("sink", "email"): 1, ("sink", "letter"): 1
    }  # fmt: skip
