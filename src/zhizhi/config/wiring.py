"""Joins the layers: sets Django up and installs what `store` only knows as a protocol."""

import os
from datetime import UTC, datetime
from pathlib import Path

import django

from zhizhi.gateways.connected import load_settings
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.store import channels, keyring, objects


def start(*, as_owner: bool = False) -> None:
    """Make the store usable in this process; `as_owner` opens the migration login too.

    Without ZHIZHI_STATE (a command that only shows its help) Django is set up and nothing is installed: no key, no
    channel.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
    if as_owner:
        os.environ["ZHIZHI_LOGIN"] = "owner"
    if state := os.environ.get("ZHIZHI_STATE"):
        keyring.install(open_local_keys(Path(state) / "keys" / "local.json", datetime.now(UTC)))
        objects.install(FolderObjects(Path(state) / "objects"))
        channels.install(load_settings(channels_file(Path(state))).gateways)
    django.setup()


def channels_file(state: Path) -> Path:
    """Where the channels of this installation are named."""
    return Path(os.environ.get("ZHIZHI_CHANNELS") or state / "channels.toml")
