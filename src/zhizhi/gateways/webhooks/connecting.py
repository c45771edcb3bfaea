"""Connections of webhooks: a name is resolved once, what it leads to is judged, and that very address is connected to.

httpcore speaks HTTP and TLS (with the name of the URL) over what is made here, so nothing resolves the name again. All
of a request has one deadline: whoever sends its answer a byte at a time is left at the same moment as who sends none.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from zhizhi.core.kernel.addresses import Address, OwnNetworks

Resolve = Callable[[str, int], list[str]]


class AddressRefused(Exception):
    """The name leads to an address that may not be reached."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class CheckedConnections(httpcore.NetworkBackend):
    """Makes the connection of one request, until its deadline; `monotonic` counts seconds and is no clock."""

    def __init__(
        self,
        own: OwnNetworks,
        deadline: float,
        *,
        resolving: Resolve = resolve,
        monotonic: Callable[[], float] = time.monotonic,
        only_own: bool = False,
    ) -> None:
        self._own, self._deadline, self._resolve, self._monotonic = own, deadline, resolving, monotonic
        self._only_own = only_own
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to an address of this name. Refuses: AddressRefused where one of them may not be reached.

        All of them have to pass: a name that leads to one house in public and another in private means no good.
        """
        try:
            addresses = [ip_address(one.partition("%")[0]) for one in self._resolve(host, port)]
        except (OSError, UnicodeError) as fault:
            raise httpcore.ConnectError("the name does not resolve") from fault
        if not addresses or not all(self._may(one) for one in addresses):
            raise AddressRefused
        left = self._left(timeout)
        stream = self._sockets.connect_tcp(str(addresses[0]), port, timeout=left, socket_options=socket_options)
        return _UntilDeadline(stream, self._left)

    def _may(self, address: Address) -> bool:
        """Whether it may be reached; without TLS only within the operator's own networks."""
        if self._only_own and not any(
            address.version == network.version and address in network for network in self._own.networks
        ):
            return False
        return self._own.allow(address)

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left if timeout is None else min(timeout, left)


class _UntilDeadline(httpcore.NetworkStream):
    """A stream that waits no longer than the request has left."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[float | None], float]) -> None:
        self._stream, self._left = stream, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Octets that came."""
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send octets."""
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        """End it."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same stream under TLS."""
        return _UntilDeadline(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a stream."""
        return self._stream.get_extra_info(info)
