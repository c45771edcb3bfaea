"""Whether an address is everybody's, somebody's own, or a cloud's metadata."""

from ipaddress import ip_address

import pytest

from zhizhi.core.kernel.addresses import OwnNetworks, is_public, literal, read_networks

PUBLIC = ("1.1.1.1", "223.5.5.5", "2606:4700::1111", "2400:3200::1", "::ffff:1.1.1.1", "64:ff9b::101:101")
NOT_PUBLIC = (
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "198.18.0.1"),
    *("192.0.0.8", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "192.88.99.1"),
    *("255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2001::1"),
    *("2002:a00:1::", "3fff::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1"),
    *("64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "5f00::1"),
)
METADATA = ("169.254.169.254", "169.254.0.1", "fe80::1", "100.100.100.200", "192.0.0.192", "fd00:ec2::254",
            "::ffff:169.254.169.254", "::ffff:100.100.100.200")  # fmt: skip


@pytest.mark.parametrize("written", PUBLIC)
def test_a_public_address_may_be_reached(written: str) -> None:
    assert is_public(ip_address(written))
    assert OwnNetworks().allow(ip_address(written))


@pytest.mark.parametrize("written", NOT_PUBLIC)
def test_any_other_may_not(written: str) -> None:
    assert not is_public(ip_address(written))
    assert not OwnNetworks().allow(ip_address(written))


@pytest.mark.parametrize("written", METADATA)
def test_no_list_of_own_networks_opens_a_clouds_metadata(written: str) -> None:
    assert not read_networks(["0.0.0.0/0", "::/0"]).allow(ip_address(written))


def test_own_networks_are_opened_and_nothing_beside_them() -> None:
    own = read_networks(["10.20.0.0/16", "fd12::/16"])
    for written in ("10.20.1.1", "::ffff:10.20.1.1", "fd12::9", "1.1.1.1"):
        assert own.allow(ip_address(written)), written
    for written in ("10.21.0.1", "::ffff:10.21.0.1", "fd13::1", "127.0.0.1"):
        assert not own.allow(ip_address(written)), written


def test_a_host_is_an_address_or_a_name() -> None:
    assert literal("[::1]") == ip_address("::1")
    assert literal("fe80::1%eth0") == ip_address("fe80::1")
    assert literal("example.org") is None
