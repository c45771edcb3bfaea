"""What a log line says of a fault and of a request: types, places and routes, never a value."""

import io
import logging
import subprocess
import sys

import pytest
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from zhizhi.config.logs import PlainFormatter, WithoutAddress
from zhizhi.core.kernel.errors import Refused, trail
from zhizhi.core.kernel.text import Text

NUMBER = "10900001234"


@pytest.fixture
def written() -> tuple[logging.Logger, io.StringIO]:
    """A logger as the settings make them, and what it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainFormatter())
    handler.addFilter(WithoutAddress())
    logger = logging.Logger("django.request")
    logger.addHandler(handler)
    return logger, stream


def failing() -> None:
    """As a database fails: it quotes the row, and the library wraps it."""
    try:
        int(NUMBER + "x")
    except ValueError as error:
        raise KeyError(NUMBER) from error


def test_an_exception_is_told_by_types_and_places(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    try:
        failing()
    except KeyError:
        logger.exception("it failed")
    said = stream.getvalue()
    assert NUMBER not in said
    for words in ("it failed", "builtins.KeyError", "from builtins.ValueError", "failing"):
        assert words in said


def test_words_that_another_formatter_kept_are_not_taken_over(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    before = logging.StreamHandler(io.StringIO())
    logger.handlers.insert(0, before)
    try:
        failing()
    except KeyError:
        logger.exception("it failed")
    assert NUMBER in before.stream.getvalue(), "a formatter of the library writes the words"
    assert NUMBER not in stream.getvalue()


@pytest.mark.parametrize(
    ("path", "route"), [(f"/cases/{NUMBER}/note", "cases/<str:number>/note"), (f"/{NUMBER}", "(no such page)")]
)
def test_of_an_address_the_route_is_told(written: tuple[logging.Logger, io.StringIO], path: str, route: str) -> None:
    logger, stream = written
    request = RequestFactory().get(path, {"q": NUMBER})
    logger.warning("Not Found: %s", path, extra={"status_code": 404, "request": request})
    assert stream.getvalue().endswith(f"404 GET {route}\n")
    logger.error(str(DisallowedHost(NUMBER)), extra={"status_code": 400, "request": request})
    assert NUMBER not in stream.getvalue()


@pytest.mark.parametrize(
    "message", [f"Error handling request /cases/{NUMBER}", f"Invalid request from ip=1.2.3.4: {NUMBER}"]
)
def test_nor_does_the_web_server_quote_one(message: str) -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, message, (), None)
    assert WithoutAddress().filter(record)
    assert NUMBER not in PlainFormatter().format(record)


def test_a_refusal_keeps_its_code_and_circles_end() -> None:
    first, second = Refused("no_such", Text("甲", NUMBER)), ValueError(NUMBER)
    first.__cause__, second.__cause__ = second, first
    assert trail(first) == "zhizhi.core.kernel.errors.Refused no_such\nfrom builtins.ValueError"


def test_a_trail_has_an_end() -> None:
    def deep(n: int) -> None:
        if n:
            deep(n - 1)
        raise ValueError(NUMBER)

    with pytest.raises(ValueError) as caught:
        deep(200)
    assert trail(caught.value).endswith("more")
    assert trail(caught.value).count("\n") == 60


def test_what_ends_a_process_or_a_thread_is_told_so_too() -> None:
    ends = (
        "from zhizhi.ops.plain_faults import tell_faults_plainly; tell_faults_plainly()\n"
        "import threading\n"
        f"def fails(): raise ValueError('{NUMBER}')\n"
        "thread = threading.Thread(target=fails); thread.start(); thread.join()\n"
        "fails()"
    )
    done = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert NUMBER not in done.stderr
    assert done.stderr.count("builtins.ValueError") == 2
    assert done.stderr.count("fails") == 2
