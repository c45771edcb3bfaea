"""Codes of an authenticator app.

Source: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which every app knows.
Boundary: the step of the instant and one to either side.
"""

import hmac
import os
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
ISSUER = "Zhizhi"
WINDOW = (0, -1, 1)


def new_app_secret() -> bytes:
    """A secret for an app, as long as the hash."""
    return os.urandom(SECRET_BYTES)


def app_address(secret: bytes, login: str) -> str:
    """The `otpauth:` address that an app reads from a QR code."""
    return _codes(secret).get_provisioning_uri(login, ISSUER)


def code_at(secret: bytes, step: int) -> str:
    """The code of a step."""
    return _codes(secret).generate(step * STEP_SECONDS).decode("ascii")


def step_of(secret: bytes, written: str, at: datetime) -> int | None:
    """The step whose code this is; None outside the window. Every step is compared, whichever fits."""
    now = int(at.timestamp()) // STEP_SECONDS
    fits = [
        now + off for off in WINDOW if hmac.compare_digest(code_at(secret, now + off).encode(), written.encode("utf-8"))
    ]
    return fits[0] if fits else None


def _codes(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - HMAC-SHA-1 of RFC 6238: collisions do not matter
