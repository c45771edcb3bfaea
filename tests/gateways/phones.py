"""Telephones that the voice tests call: real SIP engines of their own processes."""

import math
import random
import shutil
import socket
import statistics
import struct
import subprocess
import time
import wave
from array import array
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zhizhi.gateways.voice.control import Control
from zhizhi.gateways.voice.settings import MEDIA, VoiceRefused, VoiceSettings, modules_folder

RATE = 8000
LOUDNESS = 8000
DESK_TONE, LINE_TONE = 440, 880
LOGIN, NUMBER = "limin", "10000000001"


def free_port() -> int:
    """A port for UDP and TCP with a free one above it, where the engine listens for TLS; outside the range from which
    other programs get theirs."""
    for _ in range(50):
        port = random.randrange(30_000, 32_000, 2)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                datagrams.bind(("127.0.0.1", port))
                with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                    return port
        except OSError:
            continue
    raise AssertionError("no two free ports")


def needs_engine() -> None:
    """Skip with the plain reason where the engine is not installed."""
    try:
        modules_folder()
    except VoiceRefused as refused:
        pytest.skip(f"voice tests: {refused.text.en}")


def write_tone(path: Path, frequency: int, seconds: float) -> None:
    """A sine; the end of the file ends the call of whoever plays it."""
    samples = (int(LOUDNESS * math.sin(2 * math.pi * frequency * n / RATE)) for n in range(int(RATE * seconds)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


@dataclass(frozen=True)
class Speaks:
    """How a telephone of the tests signals, and sends its sound."""

    transport: str = "udp"
    media: str = "plain"
    insists: str = ""
    certificate: Path | None = None


PLAIN = Speaks()


def write_certificate(path: Path) -> Path:
    """A key and a certificate for this machine, signed by itself and by nobody else."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


class Phone:
    """A telephone on this machine."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], control: Control | None = None) -> None:
        self.port = port
        self.process = process
        self.control = control

    def events(self, seconds: float) -> list[Mapping[str, object]]:
        """What it noticed by now."""
        assert self.control is not None
        return list(self.control.events(seconds))

    def hang_up(self) -> None:
        """Put the receiver down."""
        assert self.control is not None
        self.control.ask("hangup")


@contextmanager
def phone(
    folder: Path, name: str, frequency: int, *, seconds: float = 20.0, answers: str = "auto", speaks: Speaks = PLAIN
) -> Iterator[Phone]:
    """A telephone that answers at once (`auto`) or only rings (`manual`), and hums."""
    folder.mkdir()
    port, control_port = free_port(), free_port()
    write_tone(folder / "hum.wav", frequency, seconds)
    modules = modules_folder()
    (folder / "config").write_text(
        f"poll_method epoll\nsip_listen 127.0.0.1:{port}\naudio_player aubridge,nowhere\nrtp_ports 10000-19999\n"
        f"audio_source aufile,{folder}/hum.wav\naudio_srate 8000-8000\nausrc_format s16\nauplay_format s16\n"
        f"auenc_format s16\naudec_format s16\nmodule_path {modules}\nmodule g711.so\nmodule aubridge.so\n"
        "module aufile.so\nmodule_app account.so\nmodule_app menu.so\nmodule ctrl_tcp.so\n"
        f"ctrl_tcp_listen 127.0.0.1:{control_port}\n"
        + "".join(f"module {module}\n" for module in MEDIA[speaks.media])
        + (f"sip_certificate {speaks.certificate}\n" if speaks.certificate else "")
    )
    (folder / "accounts").write_text(
        f"<sip:{name}@127.0.0.1:{port};transport={speaks.transport}>;regint=0;answermode={answers}{speaks.insists}\n"
    )
    (folder / "contacts").write_text("")
    process = subprocess.Popen(
        ["baresip", "-4", "-f", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    control = None
    try:
        control = Control(_connected(control_port))
        yield Phone(port + 1 if speaks.transport == "tls" else port, process, control)
    finally:
        if control is not None:
            control.close()
        process.kill()
        process.wait()


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


_SCENARIO = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="answer">{rounds}</scenario>
"""
_ROUND = '<recv request="INVITE"/>{sends}<recv request="ACK" optional="true" timeout="3000"/>'
_SEND = """<send><![CDATA[
SIP/2.0 {answer}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"""


@contextmanager
def answering(folder: Path, *answers: str, rounds: int = 1) -> Iterator[int]:
    """A switch that answers an INVITE with these lines, such as `486 Busy Here`, so many times; gives its port."""
    if shutil.which("sipp") is None:
        pytest.skip("voice tests: sipp is not installed (Debian: sip-tester)")
    folder.mkdir()
    port = free_port()
    scenario = folder / "answer.xml"
    one = _ROUND.format(sends="".join(_SEND.format(answer=answer) for answer in answers))
    scenario.write_text(_SCENARIO.format(rounds=one * rounds))
    process = subprocess.Popen(
        ["sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-m", "1", "-nostdin"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_bound(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_until_bound(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.02)
    raise AssertionError("sipp did not come up")


def settings_for(spool: Path, *, desk: int, line: int, **changes: object) -> VoiceSettings:
    """Settings whose desk and line are telephones of the test."""
    plain: dict[str, object] = {
        "line": f"sip:{{number}}@127.0.0.1:{line}",
        "desk": f"sip:{{login}}@127.0.0.1:{desk}",
        "account": "sip:line@127.0.0.1",
        "desk_account": "sip:desk@127.0.0.1",
        "listen": "127.0.0.1:0",
        "seconds_min": 1.0,
        "unheard_seconds": 0.5,
        "recorder_seconds": 4.0,  # of a machine that other tests keep busy
        "spool": spool,
        **changes,
    }
    return VoiceSettings(**plain)  # type: ignore[arg-type]  # the test names the fields


def heard_in_wav(octets: bytes) -> tuple["array[int]", "array[int]"]:
    """The left and the right side of a recording, read with another program's eyes."""
    with wave.open(BytesIO(octets)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        both = array("h", file.readframes(file.getnframes()))
    return both[0::2], both[1::2]


def strength(samples: "array[int]", frequency: int, rate: int = RATE) -> float:
    """The amplitude of one frequency: the median of tenths of a second, so that a lost packet shifts only its own."""
    window = rate // 10
    tenths = [samples[first : first + window] for first in range(0, len(samples) - window + 1, window)]
    return statistics.median(_amplitude(tenth, frequency, rate) for tenth in tenths)


def _amplitude(samples: "array[int]", frequency: int, rate: int) -> float:
    coefficient = 2 * math.cos(2 * math.pi * frequency / rate)  # Goertzel
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = before * before + last * last - coefficient * before * last
    return 2 * math.sqrt(max(0.0, power)) / len(samples)


@contextmanager
def desk_alone(tmp_path: Path) -> Iterator[int]:
    """The collector's telephone alone; gives its port."""
    needs_engine()
    with phone(tmp_path / "desk", LOGIN, DESK_TONE) as desk:
        yield desk.port


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes everything and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taking:
        taking.bind(("127.0.0.1", 0))
        yield int(taking.getsockname()[1])


@contextmanager
def desk_and_line(tmp_path: Path, **line: object) -> Iterator[tuple[Phone, Phone]]:
    """The two telephones of most tests."""
    needs_engine()
    with ExitStack() as stack:
        desk = stack.enter_context(phone(tmp_path / "desk", LOGIN, DESK_TONE))
        other = stack.enter_context(phone(tmp_path / "line", NUMBER, LINE_TONE, **line))  # type: ignore[arg-type]  # seconds, answers
        yield desk, other
