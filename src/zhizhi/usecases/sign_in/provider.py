"""Sign-in through an identity provider: it says who somebody is; whether and as what they come in is said here."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhizhi.core.kernel.identity import Identity, ProviderFailed, Trip
from zhizhi.core.kernel.text import Text
from zhizhi.store.sign_in.factors import kinds_of
from zhizhi.store.sign_in.members import Member
from zhizhi.store.sign_in.provided import bind_identity, end_provided, is_same_subject
from zhizhi.usecases.sign_in.by_password import NextStep
from zhizhi.usecases.sign_in.installed import IdentityProvider, installed_provider
from zhizhi.usecases.sign_in.refusals import SignInRefused, failing_closed

FAILURES = {
    "away": Text(
        "统一认证不可用，暂不能经此登录；请稍后再试，应急账号可用密码登录",
        "the identity provider is away, nobody signs in through it; help: try later, named roles use the password",
    ),
    "skew": Text(
        "统一认证与本机的时钟不一致，不能登录；请告知管理员校时",
        "the clocks of the identity provider and of this system differ; help: tell the administrator to set them right",
    ),
    "answer": Text(
        "统一认证的答复无法核实，未登录；请重新登录，仍不行请告知管理员",
        "the identity provider's answer could not be verified, nobody is signed in; help: begin again, or tell the"
        " administrator",
    ),
    "denied": Text("统一认证未放行，未登录", "the identity provider did not let you in"),
}
# One sentence for an unknown number, somebody who left, somebody not admitted, and an identity that is another's.
UNKNOWN = Text(
    "统一认证的这个身份没有对应的在岗人员；请告知管理员核对工号",
    "this identity belongs to nobody who works here; help: ask the administrator to compare the employee number",
)
NO_PROVIDER = Text("没有设置统一认证", "no identity provider is set up")


class Way(StrEnum):
    """What stands between an identity and a session."""

    ENTER = "enter"
    PROVE = NextStep.PROVE.value
    ENROL = NextStep.ENROL.value


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back."""

    state: str
    code: str
    error: str
    issuer: str | None


def set_out(returns_to: str, *, is_fresh: bool = False) -> tuple[str, Trip]:
    """Where the browser goes, and what is kept until it comes back. Refuses: SignInRefused."""
    with failing_closed(), _told():
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        trip = Trip(state, nonce, verifier, returns_to, is_fresh)
        return _provider().address_of(trip), trip


def come_back(trip: Trip, answer: Answer, at: datetime) -> tuple[Member, Identity, Way]:
    """Who this is, and what comes next. Refuses: SignInRefused for everything that does not hold.

    Nothing is made here: the number that the provider says has to be the sign-in name of somebody admitted by two.
    """
    with failing_closed(), _told():
        identity = _identity(trip, answer, at)
        member = bind_identity(identity, at)
        if member is None:
            raise SignInRefused("unknown_identity", UNKNOWN)
        if identity.has_second_factor:
            return member, identity, Way.ENTER
        return member, identity, Way.PROVE if kinds_of(member.id) else Way.ENROL


def prove_at_provider(trip: Trip, answer: Answer, staff_id: int, at: datetime) -> str:
    """The same person signed in there just now, with a second factor; answers the proof. Refuses: SignInRefused."""
    with failing_closed(), _told():
        identity = _identity(trip, answer, at)
        if not trip.is_fresh or not identity.has_second_factor or not is_same_subject(staff_id, identity):
            raise SignInRefused("unknown_identity", UNKNOWN)
        return "provider"


def end_at_provider(token: str, at: datetime) -> int:
    """The provider says that sessions have ended; answers how many of ours that were. Refuses: SignInRefused."""
    with failing_closed(), _told():
        return end_provided(_provider().ended_by(token, at), at)


def farewell(returns_to: str) -> str | None:
    """Where the session at the provider is ended too; None without a provider or such a place."""
    provider = installed_provider()
    return provider.farewell(returns_to) if provider is not None else None


def _identity(trip: Trip, answer: Answer, at: datetime) -> Identity:
    if not hmac.compare_digest(answer.state.encode(), trip.state.encode()):
        raise ProviderFailed("answer")
    if answer.error:
        raise ProviderFailed("denied")
    return _provider().identity_of(trip, answer.code, answer.issuer, at)


def _provider() -> IdentityProvider:
    provider = installed_provider()
    if provider is None:
        raise SignInRefused("no_provider", NO_PROVIDER)
    return provider


class _told:  # noqa: N801 - reads as what it does
    """Within, a provider that fails lets nobody in, and says so."""

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """The provider's failure, in words for a person."""
        if isinstance(error, ProviderFailed):
            raise SignInRefused(f"provider_{error.code}", FAILURES[error.code]) from error
