"""`channels.toml`: how long an answer is waited for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from zhizhi.gateways.connected import ChannelsRefused, Surrounding, build, load_settings

TABLES = {
    "sms_http": ("sms", 'base_url = "http://127.0.0.1:9"\naccess_key = "k"\nsecret_file = "{secret}"', 10.0),
    "smpp": ("sms", 'host = "h"\nport = 9\nsystem_id = "s"\nsource = "1"\nsecret_file = "{secret}"', 10.0),
    "smtp": ("email", 'host = "h"\nport = 9\nsender = "a@lender.example"\nsecurity = "plain"', 20.0),
}


def channel_of(folder: Path, gateway: str, more: str = "") -> Any:
    """The channel that the file describes."""
    channel, table, _ = TABLES[gateway]
    secret = folder / "secret"
    secret.write_text("x", encoding="utf-8")
    text = f'[{channel}]\ngateway = "{gateway}"\n{table.format(secret=secret)}\n{more}\n'
    (folder / "channels.toml").write_text(text, encoding="utf-8")
    around = Surrounding(folder, "", 0, lambda: datetime.now(UTC), lambda _event: None)
    return build(load_settings(folder / "channels.toml"), around)[gateway][channel]


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
