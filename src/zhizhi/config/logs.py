"""What a line of a log may say: where, what kind of fault, which page; never what somebody typed or a row holds.

Libraries write the words of exceptions and the addresses that were asked for; both can name a person. They are taken
out here, where every line passes, so that no caller has to think of it.
"""

import logging
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from zhizhi.core.kernel.errors import trail

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
# What gunicorn says with the address or the bytes of a request in it.
QUOTING = ("Error handling request", "Invalid request from")


class PlainFormatter(logging.Formatter):
    """A line, and of an exception its types and places in the code."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__(LINE)

    def format(self, record: logging.LogRecord) -> str:
        """As any line; words of an exception that another formatter has kept are not taken over."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Its trail."""
        return trail(ei[1]) if ei[1] is not None else ""


class WithoutAddress(logging.Filter):
    """Of a request the page's route stands in the log, not the address that was asked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record."""
        request = getattr(record, "request", None)
        if request is not None:
            status = getattr(record, "status_code", "-")
            record.msg, record.args = "%s %s %s", (status, *_asked(request))
        elif record.name.startswith("gunicorn"):
            said = next((said for said in QUOTING if str(record.msg).startswith(said)), None)
            if said is not None:
                record.msg, record.args = said, ()
        return True


def _asked(request: object) -> tuple[str, str]:
    """Method and route."""
    if not isinstance(request, HttpRequest):
        return "-", "-"
    method = request.method if request.method in METHODS else "?"
    try:
        return str(method), resolve(request.path_info).route
    except Resolver404:
        return str(method), "(no such page)"
