"""Django at a database of this tier, keys of a local file, a clock that stands, and one browser-like client a desk."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from web.book import AT, Book, make_book
from web.standing import open_web, point_django_at
from zhizhi.web.shared import clock


@pytest.fixture(scope="module")
def book(database: str) -> Iterator[Book]:
    """The small book in a database of the module."""
    with tempfile.TemporaryDirectory() as state:
        os.environ.update(DATABASE_URL=database, ZHIZHI_STATE=state)
        open_web(Path(state))
        point_django_at(database)
        clock.install(lambda: AT)
        yield make_book()
        clock.install()
        point_django_at(None)


@pytest.fixture
def desk(book: Book) -> Callable[[str], object]:
    """A signed-in client by login; the way in by password is tested by itself, hashing takes its time on purpose."""
    from django.test import Client

    from zhizhi.store.models import Staff

    def sign_in(login: str) -> Client:
        client = Client()
        client.force_login(Staff.objects.get(login=login))
        return client

    return sign_in
