"""`zhizhi leases`: leases of permits, and nothing else, for systems that ask hundreds of times a second."""

import os
import socket
import sys

import click

SERVER = "zhizhi.config.lane_server"


@click.command()
@click.option("--bind", default="127.0.0.1:8001", show_default=True, help="地址:端口 · address:port")
@click.option("--fd", type=int, help="已打开的监听套接字 · an open listening socket")
def leases(bind: str, fd: int | None) -> None:
    """启动租用许可的快速通道 · Serve leases of permits apart from the console (docs/leases.md)."""
    listening_fd = _listening_at(bind) if fd is None else fd
    # the server takes this process over, so that signals and the tie to the parent are its own
    os.execv(sys.executable, [sys.executable, "-m", SERVER, str(listening_fd)])  # noqa: S606 - our own interpreter, no shell


def _listening_at(bind: str) -> int:
    """A listening socket that outlives the change of program. Refuses: no address, one that cannot be used."""
    address, _, port = bind.rpartition(":")
    address = address.strip("[]")
    if not address or not port.isdecimal():
        raise click.BadParameter("请写成 地址:端口 · help: write address:port", param_hint="--bind")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listening = socket.create_server((address, int(port)), family=family)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(
            f"地址不可用，请用 --bind 换一个 · the address cannot be used; help: give another one with --bind ({why})"
        ) from error
    listening.set_inheritable(True)
    return listening.detach()
