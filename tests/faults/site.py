"""The product's web server under gunicorn, on the clock of a scene, with somebody signed in."""

import json
import sys
from datetime import UTC, datetime, timedelta

from django.db import connections
from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]  # it has none

from signed import signed_in
from zhizhi.ops.web_server import arguments
from zhizhi.web.shared import clock


def main(login: str, shift_seconds: str) -> int:
    """Print the cookie of somebody who has signed in, then serve until the end."""
    shift = timedelta(seconds=float(shift_seconds))
    clock.install(lambda: datetime.now(UTC) + shift)
    client = signed_in(login)
    sys.stdout.write(json.dumps({name: one.value for name, one in client.cookies.items()}) + "\n")
    connections.close_all()
    sys.argv = ["gunicorn", *arguments("127.0.0.1:0", 1, 2)]
    WSGIApplication("%(prog)s").run()
    return 0
