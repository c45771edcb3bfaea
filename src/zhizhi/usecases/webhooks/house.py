"""Which addresses beside public ones webhooks of this installation may go to: what `config/wiring` installed."""

from dataclasses import dataclass

from zhizhi.core.kernel.addresses import NO_NETWORKS, OwnNetworks


@dataclass(frozen=True, slots=True)
class HouseRules:
    """`own`: the operator's networks. `plain`: they may be reached by HTTP without TLS."""

    own: OwnNetworks = NO_NETWORKS
    plain: bool = False


_installed: list[HouseRules] = [HouseRules()]


def install(rules: HouseRules) -> None:
    """Set the rules of this process."""
    _installed[:] = [rules]


def installed() -> HouseRules:
    """The rules; without settings public addresses by HTTPS alone."""
    return _installed[0]
