"""Django set up once a process and pointed at one database after another."""

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN, database_of


def open_web(state: Path) -> None:
    """Set Django up, with the keys and channels of a fresh state folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
    os.environ.setdefault("ZHIZHI_SECRET_KEY", "of these tests")
    # The loop that Django would find in this thread is the one of the browser's driver; nothing of ours runs in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    from zhizhi.config.wiring import start

    start()
    from django.conf import settings

    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS.append("testserver")


def point_django_at(url: str | None) -> None:
    """Close what is open; the next question goes to this database, or nowhere."""
    from django.db import connections

    from zhizhi.store.ids import ids

    for alias, login in (("default", WEB_LOGIN), ("gate", GATE_LOGIN)):
        connections[alias].close()
        wanted = database_of(url or "postgresql://nobody@/none?host=/nonexistent", login)
        connections[alias].settings_dict.update(wanted)
    ids.forget()


@contextmanager
def serving() -> Iterator[str]:
    """The product over HTTP on a free port, as a browser meets it; answers its address."""
    from django.core.handlers.wsgi import WSGIHandler

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
        from django.db import connections

        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]  # as socketserver names them
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: object) -> None:
        """Nothing."""
