"""Joins the layers: sets Django up and installs what `store` only knows as a protocol."""

import os
from datetime import UTC, datetime
from pathlib import Path

import django

from zhizhi.gateways.connected import load_settings
from zhizhi.gateways.keys.connected import open_keys
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.gateways.oidc.provider import OidcProvider
from zhizhi.gateways.oidc.settings import load_provider_settings
from zhizhi.gateways.webhooks.settings import load_webhook_settings
from zhizhi.store import channels, ciphers, keyring, objects


def start(*, as_owner: bool = False) -> None:
    """Make the store usable in this process; `as_owner` opens the migration login too.

    Without ZHIZHI_STATE (a command that only shows its help) Django is set up and nothing is installed: no key, no
    channel.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
    if as_owner:
        os.environ["ZHIZHI_LOGIN"] = "owner"
    if state := os.environ.get("ZHIZHI_STATE"):
        keys, cipher = open_keys(keys_file(Path(state)), Path(state), datetime.now(UTC))
        keyring.install(keys, ciphers.BY_NAME[cipher])
        objects.install(FolderObjects(Path(state) / "objects"))
        channels.install(load_settings(channels_file(Path(state))).gateways)
    django.setup()
    if state:
        _install_provider(Path(state))
        _install_webhooks(Path(state))
        _install_mail(Path(state))


def _install_provider(state: Path) -> None:
    """The identity provider, where one is set up; its use case knows Django's tables and is imported after them."""
    from zhizhi.usecases.sign_in import installed

    settings = load_provider_settings(Path(os.environ.get("ZHIZHI_SSO") or state / "sso.toml"))
    installed.install(OidcProvider(settings) if settings is not None else None)


def _install_webhooks(state: Path) -> None:
    """The operator's own networks, so that an endpoint there is taken; the worker asks its settings again."""
    from zhizhi.usecases.webhooks import house

    settings = load_webhook_settings(webhooks_file(state))
    house.install(house.HouseRules(settings.own, settings.plain))


def _install_mail(state: Path) -> None:
    """Whether invitations may be asked for by mail; the worker opens the mail server by the same settings."""
    from django.conf import settings

    from zhizhi.gateways.invitations.settings import is_origin, load_mail_settings
    from zhizhi.usecases.staff import mailing

    found = load_mail_settings(load_settings(channels_file(state)))
    mailing.install(mailing.MailRules(is_origin(settings.ORIGIN), found.is_connected, found.domains))


def webhooks_file(state: Path) -> Path:
    """Where networks that webhooks may go to beside public addresses are named."""
    return Path(os.environ.get("ZHIZHI_WEBHOOKS") or state / "webhooks.toml")


def channels_file(state: Path) -> Path:
    """Where the channels of this installation are named."""
    return Path(os.environ.get("ZHIZHI_CHANNELS") or state / "channels.toml")


def keys_file(state: Path) -> Path:
    """Where the key service of this installation is named; without the file it is a key file in the state folder."""
    return Path(os.environ.get("ZHIZHI_KEYS") or state / "keys.toml")
