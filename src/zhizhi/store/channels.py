"""Which gateway serves which channel in this installation.

Installed by `config/wiring`, read by whoever proposes a contact.
"""

from collections.abc import Mapping

SINK = "sink"
MANUAL = "manual"
SIP = "sip"  # the system dials: a keeper of calls claims it (jobs/voice.py), the outbox never does
AT_A_DESK = (MANUAL, SIP)  # calls of a person at a desk, who says what came of them
DIALLER = "dialler"  # leased calls: no worker serves it; they are born claimed by the token that leased them
FLOOR = "floor"  # the simulated collectors of the demonstration: they dial nobody

_connected: dict[str, str] = {}


def install(connected: Mapping[str, str]) -> None:
    """Set the channels that are connected: channel -> gateway."""
    _connected.clear()
    _connected.update(connected)


def gateway_of(channel: str) -> str | None:
    """The gateway that serves a channel, or None where it is not connected."""
    return _connected.get(channel)


def real_gateways() -> frozenset[str]:
    """Gateways that reach the outside world: a declared clock refuses to start beside them."""
    return frozenset(_connected.values()) - {SINK, MANUAL, FLOOR}
