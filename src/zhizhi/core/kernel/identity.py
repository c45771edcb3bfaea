"""What an identity provider says of somebody, and how it fails; never what somebody may do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom a provider has signed in.

    `number` is the value of the claim that the operator named; `has_second_factor`: by `acr` or `amr` as he named them.
    """

    issuer: str
    subject: str = field(repr=False)
    number: str = field(repr=False)
    has_second_factor: bool
    signed_in_at: datetime
    session: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Ended:
    """A session, or all of somebody's, has ended at the provider; the word of it was issued then."""

    issuer: str
    subject: str | None = field(repr=False)
    session: str | None = field(repr=False)
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Trip:
    """What is kept of a way to the provider until its answer comes; good for one."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    returns_to: str
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class LocalRules:
    """Who may still sign in here by password, and what the provider's button says."""

    roles: Sequence[str]
    name: str


class ProviderFailed(Exception):
    """The provider gives no answer that can be used. `code`: away, skew, answer, denied. Names no value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
