"""The WSGI application that gunicorn serves: the API its own way, everything else through Django's."""

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING

from zhizhi.config.wiring import start

start()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django must be set up first

from zhizhi.web.api import application as api  # noqa: E402 - Django must be set up first

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

console = get_wsgi_application()
# What is loaded once stays: looking through it again stops every request of the process for as long.
gc.collect()
gc.freeze()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer one request."""
    is_api = environ.get("PATH_INFO", "").startswith(api.ADDRESS)
    return (api.application if is_api else console)(environ, start_response)
