"""One message, one request: signed, to an address that was judged, without redirects, its answer read no further than
its status."""

import contextlib
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpcore

from zhizhi.gateways.webhooks.connecting import AddressRefused, CheckedConnections, Resolve, resolve
from zhizhi.gateways.webhooks.settings import WebhookSettings
from zhizhi.gateways.webhooks.signing import signed_headers

SECONDS_MAX = 15.0
ANSWER_OCTETS_MAX = 16 * 1024
"""Of an answer so much is taken, so that small ones end in peace; nothing of it is kept."""
AGENT = "zhizhi-webhooks/1"


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request ended (a word of `store.webhooks.words.TRIES`), its status, how long the receiver asks to wait."""

    end: str
    milliseconds: int
    status: int | None = None
    retry_after: timedelta | None = None


class Sender:
    """Sends messages; safe for many threads, for each request has a connection of its own."""

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        resolving: Resolve = resolve,
        monotonic: Callable[[], float] = time.monotonic,
        seconds_max: float = SECONDS_MAX,
    ) -> None:
        self._settings, self._resolve, self._monotonic, self._seconds = settings, resolving, monotonic, seconds_max
        self._tls = ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.authority is not None:
            self._tls.load_verify_locations(cafile=settings.authority)

    def send(self, url: str, message_id: str, body: bytes, secrets: Sequence[bytes], at: datetime) -> Answered:
        """Send one message at an instant; answers how it ended, whatever happened."""
        began = self._monotonic()

        def ended(end: str, status: int | None = None, retry_after: timedelta | None = None) -> Answered:
            return Answered(end, int((self._monotonic() - began) * 1000), status, retry_after)

        is_plain = urlsplit(url).scheme != "https"
        if is_plain and not self._settings.plain:
            return ended("address")
        connections = CheckedConnections(
            self._settings.own,
            began + self._seconds,
            resolving=self._resolve,
            monotonic=self._monotonic,
            only_own=is_plain,
        )
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": AGENT,
            "connection": "close",
            **signed_headers(message_id, at, body, secrets),
        }
        try:
            status, asked = self._request(connections, url, headers, body)
        except AddressRefused:
            return ended("address")
        except (httpcore.TimeoutException, TimeoutError):
            return ended("timeout")
        except httpcore.ConnectError as fault:
            return ended("tls" if _is_tls(fault) else "unreachable")
        except httpcore.NetworkError:
            return ended("unreachable")
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, UnicodeError, ValueError):
            return ended("protocol")
        return ended(_end_of(status), status, _pause(asked, at))

    def _request(
        self, connections: CheckedConnections, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str | None]:
        """Status and Retry-After; the answer itself is dropped."""
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=connections, max_connections=1) as pool,
            pool.stream(
                "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": timeouts}
            ) as answer,
        ):
            if 200 <= answer.status < 300:
                _take(answer)
            asked = next((value for name, value in answer.headers if name.lower() == b"retry-after"), None)
            return answer.status, asked.decode("ascii", "replace") if asked is not None else None


def _take(answer: httpcore.Response) -> None:
    """Take a small answer to its end, so that its sender sees it arrive. The status has answered: it may break off."""
    taken = 0
    with contextlib.suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for part in answer.iter_stream():
            taken += len(part)
            if taken > ANSWER_OCTETS_MAX:
                return


def _is_tls(fault: BaseException) -> bool:
    """Whether a failed connection failed at TLS: httpcore maps both to one class, and keeps what it was from."""
    seen: BaseException | None = fault
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _end_of(status: int) -> str:
    if 200 <= status < 300:
        return "accepted"
    if status == 410:
        return "gone"
    return "redirect" if 300 <= status < 400 else "status"


def _pause(asked: str | None, at: datetime) -> timedelta | None:
    """What Retry-After asks for: seconds, or an instant; anything else asks for nothing."""
    if asked is None:
        return None
    if asked.isdigit() and len(asked) < 9:
        return timedelta(seconds=int(asked))
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return (until if until.tzinfo is not None else until.replace(tzinfo=UTC)) - at
