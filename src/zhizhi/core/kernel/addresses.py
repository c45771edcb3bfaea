"""Which addresses of the network are everybody's, and which are somebody's own house.

Source: the special-purpose address registries of IANA (RFC 6890 and its updates), as `ipaddress` keeps them, and what
is said here besides. Whatever is not plainly public is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PUBLIC_6 = IPv6Network("2000::/3")  # all of IPv6 that is given out to be reached from anywhere
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(written)
    for written in (
        *("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "100.64.0.0/10"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
# What a cloud tells its own machines, keys among it: no list of own networks opens these.
_METADATA: tuple[Network, ...] = tuple(
    ip_network(written)
    for written in ("169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::254/128")
)


@dataclass(frozen=True, slots=True)
class OwnNetworks:
    """Networks of the operator that may be reached beside public addresses."""

    networks: tuple[Network, ...] = ()

    def allow(self, address: Address) -> bool:
        """Whether a connection may go there: a public address, or one of these networks; never a cloud's metadata."""
        meant = meant_by(address)
        if _within(meant, _METADATA) or _within(address, _METADATA):
            return False
        return is_public(address) or _within(meant, self.networks) or _within(address, self.networks)


NO_NETWORKS = OwnNetworks()


def read_networks(written: Sequence[str]) -> OwnNetworks:
    """Networks as settings write them. Refuses: what is none (ValueError)."""
    return OwnNetworks(tuple(ip_network(one) for one in written))


def meant_by(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, or behind NAT64); else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether anybody anywhere reaches the same machine under it."""
    meant = meant_by(address)
    if isinstance(meant, IPv6Address) and meant not in _PUBLIC_6:
        return False
    return meant.is_global and not meant.is_multicast and not _within(meant, _NEVER_PUBLIC)


def literal(host: str) -> Address | None:
    """The address that a host of a URL is, where it is one and no name; brackets and a zone are not part of it."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
