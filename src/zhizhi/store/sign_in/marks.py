"""Marks: what tables keep in the place of a secret or of a text that must not be kept."""

import hashlib
import hmac
import secrets

from zhizhi.store.keyring import Seal, product_seal, service

SECRET_BYTES = 32


def new_secret() -> str:
    """256 random bits, for a cookie."""
    return secrets.token_urlsafe(SECRET_BYTES)


def mark_of(secret: str) -> bytes:
    """What is kept of a secret that is random by itself."""
    return mark_of_bytes(secret.encode())


def mark_of_bytes(secret: bytes) -> bytes:
    """The same of octets."""
    return hashlib.sha256(secret).digest()


def keyed_mark(kind: str, *parts: str) -> bytes:
    """What is kept of a text that could be guessed. Refuses: KeyUnavailable, or what the key service refuses."""
    body = "\x00".join((kind, *parts))
    return hmac.digest(service().derive("sign-in/marks"), body.encode(), hashlib.sha256)


def factor_seal() -> Seal:
    """The seal of what proves a second factor."""
    return product_seal("sign-in")
