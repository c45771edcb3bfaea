"""`zhizhi sink`: the demonstration outbox, a local provider that takes messages, shows them, and delivers to nobody."""

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import click

from zhizhi.gateways.sink.account import open_account
from zhizhi.gateways.sink.at_hand import note_address
from zhizhi.gateways.sink.outbox import Outbox
from zhizhi.gateways.sink.provider import Provider, ProviderSettings
from zhizhi.gateways.sink.server import HOST, SinkServer, free_port

EXIT_NOT_STARTED = 1


@click.command()
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="存放已发内容的文件夹 · folder that keeps what left",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    required=True,
    help="短信接口与页面端口 · port of the SMS interface and the page",
)
@click.option(
    "--smtp-port", type=click.IntRange(1, 65535), help="邮件端口,默认为 port+1 · mail port, by default the next one"
)
@click.option(
    "--undelivered",
    multiple=True,
    metavar="SUFFIX",
    help="以此结尾的号码回执为未送达,可重复 · numbers with this ending are reported undelivered; repeatable",
)
@click.option(
    "--a-minute",
    type=click.IntRange(0),
    default=0,
    help="每个号码每分钟上限,0 为不限 · messages a minute to one number, 0 for no limit",
)
def sink(state: Path, port: int, smtp_port: int | None, undelivered: tuple[str, ...], a_minute: int) -> None:
    """演示发件箱:收下短信和邮件,不送达任何人 · demonstration outbox: takes SMS and e-mail, delivers to nobody."""
    account = open_account(state)
    smtp_port = smtp_port or (port + 1 if port else free_port())
    settings = ProviderSettings(account.access_key, account.secret, undelivered, a_minute)
    outbox = Outbox(state)
    try:
        server = SinkServer(Provider(outbox, settings, lambda: datetime.now(UTC)), port, smtp_port)
        server.start()
    except OSError as error:
        outbox.close()
        message = f"端口不可用,请换一个 · a port cannot be used, choose another: {error.strerror or error}"
        click.echo(message, err=True)
        sys.exit(EXIT_NOT_STARTED)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    note_address(state, server.port, smtp_port)
    click.echo(f"演示发件箱 · demonstration outbox: http://{HOST}:{server.port}/")
    ended.wait()
    server.stop()
    outbox.close()
