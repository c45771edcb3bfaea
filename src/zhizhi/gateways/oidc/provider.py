"""A client of one OpenID provider: code flow with PKCE, ID tokens and logout tokens checked against its published keys.

Source: OpenID Connect Core 1.0 (3.1), Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout 1.0; RFC 7636, 9207.
The libraries check signatures and the registered claims; ours are: when documents are fetched, and what a failure is
called.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidClaimError, JoseError

from zhizhi.core.kernel.identity import Ended, Identity, LocalRules, ProviderFailed, Trip
from zhizhi.gateways.oidc.published import Published
from zhizhi.gateways.oidc.settings import METHODS, ProviderSettings

SKEW = timedelta(seconds=60)
LOGOUT_AGE_MAX = timedelta(minutes=5)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_CHARACTERS_MAX = 65_536
CODE_CHARACTERS_MAX = 4_096
_TIMES = frozenset({"iat", "nbf", "exp"})


class OidcProvider:
    """One provider; safe for many threads."""

    def __init__(self, settings: ProviderSettings, published: Published | None = None) -> None:
        self._settings = settings
        self._published = published or Published(settings)

    @property
    def issuer(self) -> str:
        """Who it is, letter by letter."""
        return self._settings.issuer

    @property
    def local(self) -> LocalRules:
        """Who still signs in by password."""
        return LocalRules(self._settings.local_roles, self._settings.name)

    def close(self) -> None:
        """Close idle connections."""
        self._published.close()

    def address_of(self, trip: Trip) -> str:
        """Where the browser goes. Refuses: ProviderFailed away."""
        settings = self._settings
        asked: dict[str, str] = {"nonce": trip.nonce}
        if settings.acr:
            asked["acr_values"] = " ".join(settings.acr)
        if trip.is_fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        return str(
            prepare_grant_uri(
                self._published.endpoint("authorization_endpoint"),
                client_id=settings.client_id,
                response_type="code",
                redirect_uri=trip.returns_to,
                scope=" ".join(settings.scopes),
                state=trip.state,
                code_challenge=create_s256_code_challenge(trip.verifier),
                code_challenge_method="S256",
                **asked,
            )
        )

    def identity_of(self, trip: Trip, code: str, issuer: str | None, at: datetime) -> Identity:
        """Who came back with this code. Refuses: ProviderFailed."""
        names_itself = self._published.says("authorization_response_iss_parameter_supported")
        if (issuer is not None or names_itself) and issuer != self.issuer:
            raise ProviderFailed("answer")
        if not code or len(code) > CODE_CHARACTERS_MAX:
            raise ProviderFailed("answer")
        answer = self._redeem(trip, code)
        token = answer.get("id_token")
        claims = self._claims(token, trip, answer.get("access_token"), at)
        number, subject = claims.get(self._settings.claim), claims.get("sub")
        if not isinstance(number, str) or not number.strip() or not isinstance(subject, str) or not subject:
            raise ProviderFailed("answer")
        signed_in_at = datetime.fromtimestamp(float(claims.get("auth_time") or claims["iat"]), UTC)
        if trip.is_fresh and ("auth_time" not in claims or signed_in_at < at - SKEW - LOGOUT_AGE_MAX):
            raise ProviderFailed("answer")
        sid = claims.get("sid")
        return Identity(
            issuer=self.issuer,
            subject=subject,
            number=number.strip(),
            has_second_factor=self._has_second_factor(claims),
            signed_in_at=signed_in_at,
            session=sid if isinstance(sid, str) and sid else None,
        )

    def ended_by(self, token: str, at: datetime) -> Ended:
        """Whose sessions a logout token ends. Refuses: ProviderFailed for anything that is none of this provider's."""
        claims = self._decoded(token)
        now = int(at.timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=int(SKEW.total_seconds()),
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            iat={"essential": True},
            jti={"essential": True},
        )
        _checked(lambda: registry.validate(claims))
        events, subject, session = claims.get("events"), claims.get("sub"), claims.get("sid")
        says_logout = isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict)
        named = [one for one in (subject, session) if one is not None]
        if not says_logout or "nonce" in claims or not named or not all(isinstance(one, str) and one for one in named):
            raise ProviderFailed("answer")
        issued_at = datetime.fromtimestamp(float(claims["iat"]), UTC)
        if issued_at < at - LOGOUT_AGE_MAX - SKEW:
            raise ProviderFailed("answer")
        return Ended(self.issuer, subject, session, issued_at)

    def farewell(self, returns_to: str) -> str | None:
        """Where somebody ends the session at the provider too; None where it has no such place, or is away.

        No hint of the person stands in the address: the provider asks its user.
        """
        try:
            endpoint = self._published.endpoint("end_session_endpoint")
        except ProviderFailed:
            return None
        asked = urlencode({"client_id": self._settings.client_id, "post_logout_redirect_uri": returns_to})
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{asked}"

    def _redeem(self, trip: Trip, code: str) -> Mapping[str, Any]:
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": trip.returns_to,
            "code_verifier": trip.verifier,
        }
        headers = {}
        if settings.secret_method == METHODS[0]:
            pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": settings.client_id, "client_secret": settings.secret}
        return self._published.post("token_endpoint", form, headers)

    def _claims(self, token: object, trip: Trip, access_token: object, at: datetime) -> dict[str, Any]:
        if not isinstance(token, str):
            raise ProviderFailed("answer")
        header, body = self._header_and_body(token)
        client_id = self._settings.client_id
        claims = CodeIDToken(
            body,
            header,
            options={
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": client_id},
                "sub": {"essential": True},
            },
            params={
                "client_id": client_id,
                "nonce": trip.nonce,
                "access_token": access_token if isinstance(access_token, str) else None,
            },
        )
        _checked(lambda: claims.validate(int(at.timestamp()), int(SKEW.total_seconds())))
        return dict(claims)

    def _decoded(self, token: str) -> dict[str, Any]:
        return self._header_and_body(token)[1]

    def _header_and_body(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Signed by a published key under a permitted algorithm; keys are fetched again once for an unknown one."""
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise ProviderFailed("answer")
        for is_again in (False, True):
            keys = self._published.keys(again=is_again)
            try:
                found = jwt.decode(token, keys, algorithms=list(self._settings.algorithms))
            except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
                if is_again:
                    raise ProviderFailed("answer") from error
            else:
                return dict(found.header), dict(found.claims)
        raise ProviderFailed("answer")

    def _has_second_factor(self, claims: Mapping[str, Any]) -> bool:
        amr = claims.get("amr")
        methods = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
        return claims.get("acr") in self._settings.acr or bool(methods & set(self._settings.amr))


def _checked(check: Any) -> None:
    """Refuses: ProviderFailed, `skew` where only the times do not fit."""
    try:
        check()
    except ExpiredTokenError as late:
        raise ProviderFailed("skew") from late
    except InvalidClaimError as wrong:
        raise ProviderFailed("skew" if getattr(wrong, "claim", None) in _TIMES else "answer") from wrong
    except (ClaimError, ValueError, TypeError) as wrong:
        raise ProviderFailed("answer") from wrong
