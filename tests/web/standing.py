"""The console over HTTP, as a browser meets it."""

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

# The loop that Django would find in this thread is the one of the browser's driver; nothing of ours runs in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@contextmanager
def serving() -> Iterator[str]:
    """The product over HTTP on a free port, as a browser meets it; answers its address."""
    with make_server("127.0.0.1", 0, WSGIHandler(), _Threads, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Threads(socketserver.ThreadingMixIn, WSGIServer):
    """A browser asks for several files at once."""

    daemon_threads = True

    def process_request_thread(self, request: object, client_address: object) -> None:
        """One request; the connections of its thread end with it."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]  # as socketserver names them
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: object) -> None:
        """Nothing."""
