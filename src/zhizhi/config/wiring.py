"""Joins the layers: sets Django up and installs what `store` only knows as a protocol."""

import os
from pathlib import Path

import django

from zhizhi.gateways.keys.local import LocalKeys
from zhizhi.store import keyring


def start(*, as_owner: bool = False) -> None:
    """Make the store usable in this process; `as_owner` opens the migration login too."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
    if as_owner:
        os.environ["ZHIZHI_LOGIN"] = "owner"
    keyring.install(LocalKeys(Path(os.environ["ZHIZHI_STATE"]) / "keys"))
    django.setup()
