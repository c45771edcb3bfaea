"""What every tier shares: a real PostgreSQL, a migrated template that each module copies, the reference folder."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from zhizhi.config.databases import database_of
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.gateways.postgres.server import Durability, Server, start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
django.setup()  # once, so that test modules may import the store; the `store` fixture says which database

from zhizhi.store import channels, keyring  # noqa: E402 - after Django is set up
from zhizhi.store.ids import ids  # noqa: E402 - after Django is set up

# The same examples in each run, however long one takes on a busy machine; `--hypothesis-profile=default` draws others.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")
pytest_plugins = ["hookwork"]  # a receiver of webhooks, for the tiers that have one
ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "zhizhi_template"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: two workers take file after file, and the last one should be a short one.

    A file of one test may take longest, so their number alone (the order of pytest-xdist) says little.
    """
    weight: Counter[Path] = Counter()
    for item in items:
        weight[item.path] += 1 + 1000 * len([*item.iter_markers("slow")]) + 10 * len([*item.iter_markers("browser")])
    items.sort(key=lambda item: (-weight[item.path], item.path))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material: `ZHIZHI_SHARED`, else `shared` beside the checkout."""
    folder = Path(os.environ.get("ZHIZHI_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("reference material is absent: no folder `shared` beside the checkout (or set ZHIZHI_SHARED)")
    return folder


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL of this test process, without fsync; not below pytest's own folder, where its user cannot go."""
    state = Path(tempfile.mkdtemp(prefix="zhizhi-test-"))
    try:
        with start(state, durability=Durability.NONE) as running:
            yield running
    finally:
        shutil.rmtree(state)


@pytest.fixture(scope="session")
def template_database(server: Server) -> str:
    """The name of a database in which every migration ran once; nobody connects to it, it is copied."""
    create_database(server, TEMPLATE)
    environment = {**os.environ, "DATABASE_URL": server.url_of(TEMPLATE)}
    migrate = [sys.executable, "-m", "zhizhi", "migrate"]
    done = subprocess.run(migrate, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"zhizhi migrate failed:\n{done.stdout}\n{done.stderr}"
    return TEMPLATE


@pytest.fixture(scope="module")
def database(server: Server, template_database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The owner's address of a fresh, migrated database for the tests of one module."""
    name = f"test_{request.module.__name__.rpartition('.')[2]}"[:60]
    create_database(server, name, template=template_database)
    yield server.url_of(name)
    drop_database(server, name)


@pytest.fixture(scope="module")
def store(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Django's two logins on the module's database, a key service of its own, and the channels of the demonstration."""
    for alias in ("default", "gate"):
        connections[alias].close()
        connections[alias].settings_dict.update(database_of(database, connections[alias].settings_dict["USER"]))
    folder = tmp_path_factory.mktemp("keys", numbered=True)
    keyring.install(open_local_keys(folder / "keys" / "local.json", datetime(2026, 3, 2, tzinfo=UTC)))
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})
    ids.forget()
    yield database
    connections.close_all()


def create_database(server: Server, name: str, template: str = "template0") -> None:
    """A new database, a copy of the template."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_database(server: Server, name: str) -> None:
    """Remove it, whoever is still connected."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window. Skips with the reason that `make test` found, or names what is missing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None or os.environ.get("ZHIZHI_NO_BROWSER"):
        pytest.skip("browser tests: " + (os.environ.get("ZHIZHI_NO_BROWSER") or "Chromium is absent; run `make test`"))
    switches = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    switches += ["--disable-component-update", "--disable-sync"]
    switches += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=switches, timeout=180_000)
        yield running
        running.close()
