"""`zhizhi web`: the console under gunicorn, threads in few processes. Decision 0003 says why WSGI."""

import os
import sys
from pathlib import Path

import click

APPLICATION = "zhizhi.config.wsgi:application"
LOG = "zhizhi.config.server_log.ServerLog"
PROCESSES = 2
THREADS = 8
REQUEST_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10


def arguments(bind: str, processes: int, threads: int, application: str = APPLICATION) -> list[str]:
    """What gunicorn is told."""
    memory = Path("/dev/shm")  # noqa: S108 - a heartbeat file that gunicorn unlinks at once
    heartbeat = [f"--worker-tmp-dir={memory}"] if os.access(memory, os.W_OK) else []
    return [
        f"--bind={bind}",
        f"--workers={processes}",
        "--worker-class=gthread",
        f"--threads={threads}",
        f"--timeout={REQUEST_SECONDS_MAX}",
        f"--graceful-timeout={STOP_SECONDS_MAX}",
        "--keep-alive=5",
        f"--logger-class={LOG}",
        *heartbeat,
        application,
    ]


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="地址:端口 · address:port")
@click.option("--fd", type=int, help="已打开的监听套接字（由 zhizhi run 传入） · an open listening socket")
@click.option("--processes", type=click.IntRange(1, 64), default=PROCESSES, show_default=True, help="进程数")
@click.option("--threads", type=click.IntRange(1, 256), default=THREADS, show_default=True, help="每进程线程数")
def web(bind: str, fd: int | None, processes: int, threads: int) -> None:
    """启动控制台的网页服务器 · Serve the console."""
    told = arguments(bind if fd is None else f"fd://{fd}", processes, threads)
    # gunicorn takes this process over, so that signals and the tie to the parent are its own
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *told])  # noqa: S606 - our own interpreter, no shell
