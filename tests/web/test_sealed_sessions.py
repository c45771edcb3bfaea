"""Whoever reads or writes `django_session` as the web's login opens nobody's session and becomes nobody else."""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as PlainStore
from django.test import Client, override_settings

from signed import signed_in
from web.book import AT, Book
from web.members import make_member
from zhizhi.config.databases import WEB_LOGIN
from zhizhi.jobs.erasures import steps_of_erasures
from zhizhi.store.sign_in.browser_sessions import SessionStore, name_of
from zhizhi.store.sign_in.marks import mark_of
from zhizhi.web.shared.signed_in import SESSION_KEY

COOKIE = settings.SESSION_COOKIE_NAME
URL_SAFE = str.maketrans("-_", "+/")
WORDS = re.compile(rb"[A-Za-z0-9_-]{8,}")


@pytest.fixture
def injected(store: str, book: Book) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """What SQL that is injected into a page can do, before anybody is known."""
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as connection:
        yield connection


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def browser(key: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = key
    return client


def key_of(client: Client) -> str:
    return client.cookies[COOKIE].value


def read_of(injected: "psycopg.Connection[tuple[Any, ...]]") -> set[str]:
    """Everything in the table that could be a key or a secret: values, their parts, and the words in what they hold."""
    found: set[str] = set()
    for name, kept in injected.execute("SELECT session_key, session_data FROM django_session").fetchall():
        parts = [name, kept, *re.split("[:.]", kept)]
        held = [octets for part in parts for octets in _octets(part)]
        found |= {*parts, *(octets.hex() for octets in held)}
        found |= {word.decode() for octets in held for word in WORDS.findall(octets)}
    return found


def _octets(part: str) -> Iterator[bytes]:
    """What base64 makes of it, and what of that is packed."""
    octets = base64.b64decode(part.translate(URL_SAFE) + "===")
    yield octets
    with suppress(zlib.error):
        yield zlib.decompress(octets)


def test_nothing_that_the_table_holds_opens_a_session(
    book: Book, injected: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    make_member("watched")
    hers = signed_in("watched")
    secret = hers.session[SESSION_KEY]
    assert is_in(hers), "else nothing was tried"
    read = read_of(injected)
    assert name_of(key_of(hers)) in read, "hers is among them"
    assert not {key_of(hers), secret} & read
    for tried in sorted(read):
        assert not is_in(browser(tried))
        found = injected.execute("SELECT count(*) FROM zhizhi_signed_in(%s)", [mark_of(tried)]).fetchone()
        assert found == (0,)
    dump = repr(injected.execute("SELECT * FROM django_session").fetchall())
    assert secret not in dump
    assert key_of(hers) not in dump


def test_a_row_that_is_written_makes_nobody_somebody_else(
    book: Book, injected: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    make_member("victim"), make_member("thief")
    victim, thief = signed_in("victim"), signed_in("thief")
    hers, own = name_of(key_of(victim)), name_of(key_of(thief))
    injected.execute(
        "UPDATE django_session SET session_data = (SELECT session_data FROM django_session WHERE session_key = %s)"
        " WHERE session_key = %s",
        [hers, own],
    )
    assert not is_in(thief), "another's row under one's own name opens to nobody"
    injected.execute("UPDATE django_session SET session_key = %s WHERE session_key = %s", ["x" * 40, own])
    assert not is_in(browser("x" * 40))
    wanted = json.dumps({"way_in": {"staff": 1, "name": "factor"}})
    for written in (wanted, base64.b64encode(wanted.encode()).decode(), PlainStore().encode(json.loads(wanted))):
        key = "k" * 32
        injected.execute(
            "INSERT INTO django_session VALUES (%s, %s, now() + interval '1 hour')"
            " ON CONFLICT (session_key) DO UPDATE SET session_data = EXCLUDED.session_data",
            [name_of(key), written],
        )
        assert SessionStore(key).load() == {}
    assert is_in(victim)


def test_a_session_is_kept_renewed_and_removed_by_the_cookies_key(book: Book) -> None:
    kept = SessionStore()
    kept["left"] = {"number": "C-1", "中文": True}
    kept.save()
    key = kept.session_key
    assert key
    assert (kept.exists(key), SessionStore(key)["left"]) == (True, {"number": "C-1", "中文": True})
    kept.cycle_key()
    assert kept.session_key != key
    assert (kept.exists(key), SessionStore(key).load()) == (False, {})
    assert SessionStore(kept.session_key)["left"]["number"] == "C-1"
    kept.set_expiry(-1)
    kept.save()
    assert SessionStore(kept.session_key).load() == {}, "what is over is not opened"
    kept.flush()
    assert kept.session_key is None


def test_a_key_of_no_row_is_never_taken_up(book: Book) -> None:
    planted = SessionStore("planted-by-somebody-else-0000000")
    planted["sign_in"] = "x"
    assert planted.session_key is None
    planted.save()
    assert planted.session_key != "planted-by-somebody-else-0000000"


def test_another_secret_key_of_the_installation_ends_sessions(book: Book) -> None:
    make_member("rekeyed")
    hers = signed_in("rekeyed")
    with override_settings(SECRET_KEY="another key of the installation, long enough"):
        assert not is_in(browser(key_of(hers)))
    assert is_in(hers)


@pytest.mark.parametrize("method", ["aload", "aexists", "adelete", "acreate", "asave"])
def test_no_asynchronous_half_keeps_a_key_as_it_is(method: str) -> None:
    assert getattr(SessionStore, method) is not getattr(PlainStore, method)


def test_what_is_read_is_over_when_the_cookie_is(book: Book) -> None:
    kept = SessionStore()
    kept["a"] = 1
    kept.set_expiry(timedelta(minutes=1))
    kept.save()
    assert SessionStore(kept.session_key).get_expiry_date() is not None


def test_the_worker_erases_what_is_over_and_nothing_else(
    book: Book, injected: "psycopg.Connection[tuple[Any, ...]]", tmp_path: Path
) -> None:
    make_member("leaving"), make_member("staying")
    over, standing = (name_of(key_of(signed_in(login))) for login in ("leaving", "staying"))
    ends = {over: AT, standing: AT + timedelta(seconds=1)}
    for name, at in ends.items():
        injected.execute("UPDATE django_session SET expire_date = %s WHERE session_key = %s", [at, name])
    assert steps_of_erasures(tmp_path)["erasing browser sessions"](AT, lambda: None) == 1
    left = {name for (name,) in injected.execute("SELECT session_key FROM django_session").fetchall()}
    assert left & ends.keys() == {standing}
