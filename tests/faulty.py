"""The product with parts that fail in the worst words: those of the row they were about. For tests that read logs.

As a module with words it is a command (`python -m faulty day --on …`); `application` is what gunicorn serves.
"""

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

WORDS = os.environ.get("ZHIZHI_TEST_WORDS", "")
EVERY = 2  # so much of what is sent does not break


def fails(*given: object, **_: object) -> Any:
    """As a driver fails that quotes what it was given."""
    try:
        raise LookupError(WORDS)
    except LookupError as error:
        raise ValueError(f"{WORDS} {given!r}") from error


def break_channels() -> None:
    """Providers fail now and then while they hold a number and a text, and one is away."""
    sms = import_module("zhizhi.gateways.sms_http.channel").HttpSmsChannel
    smtp = import_module("zhizhi.gateways.smtp.channel").SmtpChannel
    for channel in (sms, smtp):
        real, count = channel.send, iter(range(1 << 30))

        def send(self: Any, grant: Any, at: Any, real: Any = real, count: Any = count) -> Any:
            if next(count) % EVERY:
                fails(grant.address, grant)
            return real(self, grant, at)

        channel.send = send
        if hasattr(channel, "send_many"):
            channel.send_many = lambda self, grants, at, send=send: [send(self, one, at) for one in grants]
    if "worker" in sys.argv:
        sms.pull_replies = fails


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The web server's, with a screen, the public page and the API broken."""
    return _served()(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application


def _served() -> Any:
    wsgi = import_module("zhizhi.config.wsgi")
    import_module("zhizhi.web.console.screens.recording").load_debts = fails
    import_module("zhizhi.web.portal.screens.lawful").judge_story = fails
    import_module("zhizhi.web.api.application").resolve = fails
    return wsgi.application


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        from gunicorn.app.wsgiapp import WSGIApplication

        from zhizhi.ops.web_server import arguments

        sys.argv = ["gunicorn", *arguments(sys.argv[2], 1, 4, "faulty:application")]
        WSGIApplication("%(prog)s").run()
    else:
        break_channels()
        import_module("zhizhi.__main__").main()
