"""The demonstration outbox as a process and as a page."""

import json
import os
import re
import signal
import smtplib
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateways.grants import AT, make_grant
from zhizhi.gateways.permit import Origin, Sent
from zhizhi.gateways.sink.account import open_account
from zhizhi.gateways.sink.outbox import Outbox
from zhizhi.gateways.sink.provider import Provider, ProviderSettings
from zhizhi.gateways.sink.server import SinkServer, free_port
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, SmsSettings
from zhizhi.gateways.smtp.channel import SmtpChannel
from zhizhi.gateways.smtp.settings import Security, SmtpSettings

WALL = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@contextmanager
def running(state: Path) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    port, smtp_port = free_port(), free_port()
    arguments = ["--state", str(state), "--port", str(port), "--smtp-port", str(smtp_port)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from zhizhi.ops.sink import sink; sink()", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        yield process, port, smtp_port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(120)
        assert process.stdout is not None
        process.stdout.close()


def sms_channel(state: Path, port: int) -> HttpSmsChannel:
    account = open_account(state)
    settings = SmsSettings(f"http://127.0.0.1:{port}", account.access_key, account.secret, into_sink=True)
    return HttpSmsChannel(settings, lambda: datetime.now(UTC))


def test_it_keeps_what_left_over_a_kill_and_a_torn_line_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    state = tmp_path / "a folder with spaces"
    grant = make_grant("sms", "10000000001", signature="知止示范", template_id="T1", origin=Origin.DECLARED)
    with running(state) as (process, port, smtp_port):
        channel = sms_channel(state, port)
        channel.file_signature("知止示范")
        channel.file_template("T1", "您的账单已到期")
        assert channel.send(grant, AT) == Sent("S0000000000")
        channel.close()
        mail = SmtpChannel(
            SmtpSettings("127.0.0.1", smtp_port, "notice@lender.example", Security.PLAIN, into_sink=True)
        )
        assert isinstance(mail.send(make_grant("email", "b@mail.example", origin=Origin.DECLARED), AT), Sent)
        mail.close()
        process.send_signal(signal.SIGKILL)
    for path in state.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    with (state / "messages.jsonl").open("ab") as file:
        file.write(b'{"channel":"sms","out_')
    with running(state) as (process, port, _):
        channel = sms_channel(state, port)
        assert channel.send(grant, AT) == Sent("S0000000000", already=True)
        channel.close()
        page = httpx.get(f"http://127.0.0.1:{port}/").text
        assert "您的账单已到期" in page
        assert "还款提醒" in page
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    lines = (state / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["channel"] for line in lines] == ["sms", "email"]


def test_a_taken_port_is_said_and_not_a_traceback(tmp_path: Path) -> None:
    with running(tmp_path / "one") as (_, port, _smtp):
        command = ["--state", str(tmp_path / "two"), "--port", str(port), "--smtp-port", str(free_port())]
        second = subprocess.run(
            [sys.executable, "-c", "from zhizhi.ops.sink import sink; sink()", *command],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert "a port cannot be used" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[Outbox, str]]:
    outbox = Outbox(tmp_path / "sink")
    server = SinkServer(Provider(outbox, ProviderSettings("key", "secret", ("9",)), lambda: WALL), 0, free_port())
    server.start()
    yield outbox, f"http://127.0.0.1:{server.port}"
    server.stop()
    outbox.close()


def line(n: int, **changes: Any) -> dict[str, Any]:
    facts = {"channel": "sms", "out_id": f"k{n}", "digest": "d", "at": "2026-11-21T12:00:00Z", "to": f"1000000{n:04d}"}
    return {**facts, "text": f"message {n}", **changes}


def test_the_page_is_newest_first_in_pages_of_a_hundred_and_filters_by_channel(sink: tuple[Outbox, str]) -> None:
    outbox, url = sink
    assert "还没有内容发出" in httpx.get(url).text
    outbox.take([line(n) for n in range(250)] + [line(900, channel="email", subject="subject of the mail")])
    first = httpx.get(url).text
    assert re.findall(r"message (\d+)", first) == ["900", *map(str, range(249, 150, -1))]
    assert "演示发件箱" in first
    last = httpx.get(url, params={"channel": "sms", "page": 3}).text
    assert re.findall(r"message (\d+)", last) == [str(n) for n in range(49, -1, -1)]
    mails = httpx.get(url, params={"channel": "email"}).text
    assert re.findall(r"message (\d+)", mails) == ["900"]
    assert httpx.get(url, params={"channel": "nonsense", "page": "-4x"}).status_code == 200


def test_the_page_escapes_everything_and_loads_nothing_from_outside(sink: tuple[Outbox, str]) -> None:
    outbox, url = sink
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=y>"
    outbox.take(
        [line(1, text=hostile, to=hostile), line(2, channel="email", subject=hostile, text=hostile, to=hostile)]
    )
    response = httpx.get(url)
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert "http" not in response.text.replace("&quot;", "")
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_page_under_a_foreign_name_is_refused(sink: tuple[Outbox, str]) -> None:
    outbox, url = sink
    outbox.take([line(1)])
    response = httpx.get(url, headers={"Host": "attacker.example"})
    assert response.status_code == 421
    assert "message 1" not in response.text


def test_a_body_that_is_too_large_or_not_measured_is_refused(sink: tuple[Outbox, str]) -> None:
    outbox, url = sink
    assert httpx.post(f"{url}/v1/messages", content=b"x" * 1_048_577).status_code == 413
    assert httpx.post(f"{url}/v1/messages", content=iter([b"{}"])).status_code == 413
    assert httpx.get(f"{url}/v1/receipts").status_code == 401
    assert outbox.count() == 0


def test_a_mail_of_another_program_with_an_unknown_charset_is_shown_as_such(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "sink")
    smtp_port = free_port()
    server = SinkServer(Provider(outbox, ProviderSettings("key", "secret"), lambda: WALL), 0, smtp_port)
    server.start()
    with smtplib.SMTP("127.0.0.1", smtp_port) as client:
        client.sendmail(
            "a@b.example", ["c@d.example"], b"Content-Type: text/plain; charset=x-none\r\nSubject: s\r\n\r\n\xff\xfe"
        )
        client.sendmail("a@b.example", ["c@d.example"], b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x--")
    server.stop()
    assert outbox.count("email") == 2
    outbox.close()


def test_a_full_disk_is_answered_as_busy_and_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(tmp_path / "sink")
    outbox.take([line(1)])
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda fd, block: real_write(fd, block[:10]))
    with pytest.raises(OSError, match="disk full"):
        outbox.take([line(2)])
    monkeypatch.undo()
    outbox.take([line(3)])
    assert [message["out_id"] for _, message in outbox.newest("", 0, 9)] == ["k3", "k1"]
    outbox.close()


def test_two_processes_that_start_at_once_agree_on_one_account(tmp_path: Path) -> None:
    assert open_account(tmp_path / "s") == open_account(tmp_path / "s")
    assert "secret" not in repr(open_account(tmp_path / "s"))
