"""`python -m zhizhi.config.lane_server`: what `zhizhi leases` becomes, the lane under uvicorn."""

import logging
import os
import signal
import socket
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import uvicorn

from zhizhi.config import lane
from zhizhi.config.logs import PlainFormatter, WithoutAddress
from zhizhi.web.api.lane import GROUPS_AT_ONCE, Deciding, Lane

CONNECTIONS_MAX = 1_000
KEEP_ALIVE_SECONDS = 60
STOP_SECONDS_MAX = 10


def main(listening_fd: int) -> int:
    """Serve on a listening socket until a signal; answers the exit code."""
    _log_plainly()
    application = Lane(_processes, Deciding(lane.ready, lane.together, lane.alone), _end)
    config = uvicorn.Config(
        application,
        http="httptools",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
    # looked up by its number, a socket knows that it is TCP; of one that does not, asyncio lets answers wait for an
    # acknowledgement, 40 ms each
    listening = socket.socket(fileno=listening_fd)
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    return 0 if server.started else 1


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        GROUPS_AT_ONCE + 1, mp_context=get_context("spawn"), initializer=lane.begin, initargs=(os.getpid(),)
    )


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _log_plainly() -> None:
    """The server's own lines, under the rules of every log."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainFormatter())
    handler.addFilter(WithoutAddress())
    log = logging.getLogger("uvicorn")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
