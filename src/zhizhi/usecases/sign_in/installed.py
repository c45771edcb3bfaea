"""The identity provider of this installation, where there is one, and who may sign in without it."""

from datetime import datetime
from typing import Protocol

from zhizhi.core.kernel.identity import Ended, Identity, LocalRules, Trip


class IdentityProvider(Protocol):
    """What `gateways/oidc` implements. Everything here refuses with `ProviderFailed`."""

    @property
    def issuer(self) -> str:
        """Who it is."""

    @property
    def local(self) -> LocalRules:
        """Who still signs in by password."""

    def address_of(self, trip: Trip) -> str:
        """Where the browser goes."""

    def identity_of(self, trip: Trip, code: str, issuer: str | None, at: datetime) -> Identity:
        """Who came back with this code."""

    def ended_by(self, token: str, at: datetime) -> Ended:
        """Whose sessions a logout token ends."""

    def farewell(self, returns_to: str) -> str | None:
        """Where somebody ends the session at the provider too."""


_installed: list[IdentityProvider] = []


def install(provider: IdentityProvider | None) -> None:
    """Called once by `config/wiring`; a second call replaces the first (tests)."""
    _installed[:] = [] if provider is None else [provider]


def installed_provider() -> IdentityProvider | None:
    """The provider; None where there is none."""
    return _installed[0] if _installed else None


def provider_name() -> str | None:
    """What its button says; None where there is none."""
    return _installed[0].local.name if _installed else None


def signs_in_locally(role: str, *, is_synthetic: bool) -> bool:
    """Whether a member may sign in by password: everybody without a provider, the roles that are named with one."""
    return not _installed or is_synthetic or role in _installed[0].local.roles


def breaks_glass(role: str) -> bool:
    """Whether a password of this role is the way in for when the provider is away."""
    return bool(_installed) and role in _installed[0].local.roles
