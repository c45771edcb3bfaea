"""Where a world lives: a database of its own, keys, channels, and packs that can be exchanged."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
from django.db import connections

from zhizhi.config.databases import database_of
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.gateways.postgres.server import Server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
django.setup()

from zhizhi.store import channels, keyring, objects, packs  # noqa: E402 - after Django is set up
from zhizhi.store.ids import ids  # noqa: E402 - after Django is set up

TEMPLATE = "zhizhi_simulation"
CHANNELS = {"sms": "sink", "email": "sink", "letter": "sink", "voice": "manual"}


@dataclass(frozen=True, slots=True)
class Place:
    """The owner's address of the database, and a folder for files."""

    url: str
    folder: Path


def migrated(server: Server) -> str:
    """The name of a database in which every migration ran once; it is copied, nobody connects to it."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{TEMPLATE}" TEMPLATE template0')
    environment = {**os.environ, "DATABASE_URL": server.url_of(TEMPLATE)}
    subprocess.run([sys.executable, "-m", "zhizhi", "migrate"], env=environment, stdout=subprocess.DEVNULL, check=True)
    return TEMPLATE


@contextmanager
def open_place(server: Server, template: str, name: str, like: Path | None = None) -> Iterator[Place]:
    """A fresh database under the product's own logins; what was connected before is connected again afterwards.

    `like`: the folder that goes with the template, with its keys.
    """
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "gate")}
    folder = Path(tempfile.mkdtemp(prefix="zhizhi-world-"))
    if like is not None:
        shutil.copytree(like, folder, dirs_exist_ok=True)
    root = packs.PACKS_ROOT
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        _connect(server.url_of(name), folder)
        yield Place(server.url_of(name), folder)
    finally:
        connections.close_all()
        for alias, settings in before.items():
            connections[alias].settings_dict.update(settings)
        if root != packs.PACKS_ROOT:
            packs.PACKS_ROOT = root
            packs.forget_laws()
        ids.forget()
        with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        shutil.rmtree(folder)


def _connect(url: str, folder: Path) -> None:
    for alias in ("default", "gate"):
        connections[alias].close()
        connections[alias].settings_dict.update(database_of(url, connections[alias].settings_dict["USER"]))
    keyring.install(open_local_keys(folder / "keys" / "local.json", datetime(2026, 1, 1, tzinfo=UTC)))
    objects.install(FolderObjects(folder / "objects"))
    channels.install(CHANNELS)
    ids.forget()
