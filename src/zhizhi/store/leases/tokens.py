"""Bearer tokens of other systems: made once, shown once, kept as a digest, revoked at once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.leases.models import ApiToken
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.many import Question, ask

PREFIX = "zhizhi_"
SECRET_BYTES = 32


class TokenRefused(Refused):
    """A token that cannot be made or revoked."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who asks: a token in force, and what it may do."""

    token_id: int
    lender_id: int
    lender: str
    agency_id: int | None
    agency: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token as a list shows it, without its secret."""

    id: int
    name: str
    lender: str
    agency: str | None
    scopes: tuple[str, ...]
    expires_at: datetime
    revoked_at: datetime | None


def create_token(
    name: str, lender: str, agency: str | None, scopes: Sequence[str], *, expires_at: datetime, at: datetime
) -> tuple[int, str]:
    """Make a token; answers its id and the secret, which nobody can show again. Refuses: unknown lender or agency."""
    lender_row = Lender.objects.using("gate").filter(code=lender).first()
    if lender_row is None:
        raise TokenRefused("unknown_lender", Text("没有该机构代码", "there is no lender of this code"))
    agency_row = Agency.objects.using("gate").filter(code=agency).first() if agency is not None else None
    if agency is not None and agency_row is None:
        raise TokenRefused("unknown_agency", Text("没有该外包机构代码", "there is no agency of this code"))
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    row = ApiToken.objects.using("gate").create(
        name=name,
        secret_sha256=_digest(secret),
        lender=lender_row,
        agency=agency_row,
        scopes=list(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    return row.pk, secret


def revoke_token(token_id: int, at: datetime) -> None:
    """End a token now. Refuses: one that is not there or was revoked before."""
    if ApiToken.objects.using("gate").filter(pk=token_id, revoked_at=None).update(revoked_at=at) != 1:
        raise TokenRefused("no_such_token", Text("没有这个有效令牌", "there is no such token in force"))


def load_tokens() -> list[KnownToken]:
    """Every token, newest first."""
    rows = ApiToken.objects.using("gate").select_related("lender", "agency").order_by("-pk")
    return [
        KnownToken(
            id=row.pk,
            name=row.name,
            lender=row.lender.code,
            agency=row.agency.code if row.agency is not None else None,
            scopes=tuple(row.scopes),
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


_BEARERS = """
SELECT s.place, t.id, t.lender_id, l.code, t.agency_id, a.code, ARRAY(SELECT jsonb_array_elements_text(t.scopes))
FROM unnest(%s::bytea[]) WITH ORDINALITY s (digest, place)
JOIN api_token t ON t.secret_sha256 = s.digest AND t.revoked_at IS NULL AND t.expires_at > %s
JOIN lender l ON l.id = t.lender_id LEFT JOIN agency a ON a.id = t.agency_id
"""


def load_bearer(secret: str, at: datetime) -> Bearer | None:
    """Who a secret belongs to, at an instant; None for one that is unknown, over or revoked."""
    (bearer,) = load_bearers([secret], at)
    return bearer


def load_bearers(shown: Sequence[str], at: datetime) -> list[Bearer | None]:
    """`load_bearer` of several secrets, in one question."""
    rows = ask(Question(_BEARERS, [[_digest(secret) for secret in shown], at], list))
    found: dict[int, Bearer] = {}
    for place, token_id, lender_id, lender, agency_id, agency, scopes in rows:
        found[place] = Bearer(token_id, lender_id, lender, agency_id, agency, frozenset(scopes))
    return [found.get(place) for place in range(1, len(shown) + 1)]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
