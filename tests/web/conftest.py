"""The small book in a database of the module, a clock that stands, and a signed-in client a desk."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client

from signed import signed_in
from web.book import AT, Book, make_book
from zhizhi.web.shared import clock


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The small book; uploads go to a folder of the module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIZHI_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, "testserver"])
        clock.install(lambda: AT)
        yield make_book()
        clock.install()


@pytest.fixture
def desk(book: Book) -> Callable[[str], Client]:
    """A signed-in client by login; the way in by password is tested by itself, hashing takes its time on purpose."""
    return signed_in
