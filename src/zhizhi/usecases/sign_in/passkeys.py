"""Passkeys: WebAuthn with user verification, bound to one origin.

Source: W3C Web Authentication, level 2, sections 7.1 and 7.2. The library checks type, challenge, origin, relying
party, presence, verification and signature. Ours: no frame of another site, and counts that grow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from zhizhi.store.sign_in.factors import Factor
from zhizhi.store.sign_in.marks import keyed_mark
from zhizhi.usecases.sign_in.refusals import WRONG_FACTOR, SignInRefused

Json = Mapping[str, Any]
# What a browser may send instead of an answer; the library raises these from its parsers.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys belong: a name without port, and the exact origin of the pages."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made: its public part and its count."""

    id: bytes
    credential: bytes
    count: int


@dataclass(frozen=True, slots=True)
class UsedPasskey:
    """A passkey that just signed."""

    factor: Factor
    count: int


def ask_new(site: Site, staff_id: int, login: str, have: Sequence[Factor]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser is asked to make, and the state to keep until it answers, which is good for one answer."""
    user = PublicKeyCredentialUserEntity(id=keyed_mark("passkey-user", str(staff_id)), name=login, display_name=login)
    options, state = _server(site).register_begin(
        user,
        _credentials(have),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options)["publicKey"], state


def made(site: Site, state: Json, answer: Json) -> NewPasskey:
    """The passkey of an answer. Refuses: SignInRefused `factor` for anything that does not hold."""
    try:
        _require_own_frame(RegistrationResponse.from_dict(answer).response.client_data.cross_origin)
        data = _server(site).register_complete(state, answer)
        credential = data.credential_data
        if credential is None:
            raise ValueError("no credential")
        return NewPasskey(bytes(credential.credential_id), bytes(credential), data.counter)
    except MALFORMED as malformed:
        raise SignInRefused("factor", WRONG_FACTOR) from malformed


def ask_known(site: Site, have: Sequence[Factor]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a browser is asked to sign, and the state to keep until it answers."""
    options, state = _server(site).authenticate_begin(
        _credentials(have), user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options)["publicKey"], state


def used(site: Site, state: Json, answer: Json, have: Sequence[Factor]) -> UsedPasskey:
    """Which of these passkeys signed. Refuses: SignInRefused `factor` for anything that does not hold."""
    try:
        parsed = AuthenticationResponse.from_dict(answer)
        _require_own_frame(parsed.response.client_data.cross_origin)
        credential = _server(site).authenticate_complete(state, _credentials(have), answer)
        count = parsed.response.authenticator_data.counter
    except MALFORMED as malformed:
        raise SignInRefused("factor", WRONG_FACTOR) from malformed
    (factor,) = (one for one in have if one.opened == bytes(credential))
    return UsedPasskey(factor, count)


def _require_own_frame(cross_origin: bool | None) -> None:
    if cross_origin:
        raise ValueError("the page was a frame of another site")


def _server(site: Site) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=site.name, name="Zhizhi 知止")
    return Fido2Server(entity, verify_origin=lambda origin: origin == site.origin)


def _credentials(have: Sequence[Factor]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(one.opened) for one in have if one.kind == "passkey"]
