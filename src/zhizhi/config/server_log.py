"""The log of the web server, apart from `logs` so that no other command loads gunicorn."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # it has none

from zhizhi.config.logs import PlainFormatter, WithoutAddress


class ServerLog(Logger):  # type: ignore[misc]  # its base has no types
    """gunicorn's log under the same rules; it keeps no log of accesses."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn sets it up, with our formatter."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(PlainFormatter())
            handler.addFilter(WithoutAddress())
