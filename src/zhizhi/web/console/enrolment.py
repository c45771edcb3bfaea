"""Enrolling a second factor on a page: at the first sign-in, and later from one's own page."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.http import HttpRequest

from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.sign_in.marks import factor_seal
from zhizhi.usecases.sign_in.enrolling import ask_passkey, enrol_app, enrol_passkey
from zhizhi.usecases.sign_in.one_time_codes import app_address, new_app_secret
from zhizhi.usecases.sign_in.refusals import KEYS_AWAY, SignInRefused
from zhizhi.web.console.way_in import keep_asked, shown_passkey, site_of

APP_KEY = "new_app"
LABEL_MAX = 40
GROUP = 4


@dataclass(frozen=True, slots=True)
class Enroller:
    """Whose factor it becomes."""

    staff_id: int
    login: str
    is_first: bool = False


def enrolment(request: HttpRequest, who: Enroller, at: datetime) -> tuple[list[str] | None, dict[str, Any], int]:
    """What was enrolled: new recovery codes (perhaps none) and `proof`; or None, what the page shows, its status.

    A secret that is shown as a QR code is kept in the session sealed, until a code of it was typed.
    """
    because: SignInRefused | None = None
    try:
        secret = _app_secret(request, who)
        if request.method == "POST":
            label = request.POST.get("label", "").strip()[:LABEL_MAX]
            if request.POST.get("passkey"):
                codes = enrol_passkey(who.staff_id, shown_passkey(request), label, at, is_first=who.is_first)
                return list(codes), {"proof": "passkey"}, 200
            codes = enrol_app(
                who.staff_id, secret, request.POST.get("code", "")[:100], label, at, is_first=who.is_first
            )
            request.session.pop(APP_KEY, None)
            return list(codes), {"proof": "totp"}, 200
    except SignInRefused as refused:
        because = refused
    if because is not None and because.code == "keys":
        return None, {"because": because.text}, 503
    context = {"because": because and because.text, **_ways(request, who, secret)}
    return None, context, 200 if because is None else 400


def _ways(request: HttpRequest, who: Enroller, secret: bytes) -> dict[str, Any]:
    """The QR code, drawn here, its letters for typing, and what a browser is asked for a passkey."""
    written = base64.b32encode(secret).decode().rstrip("=")
    drawn = segno.make(app_address(secret, who.login), error="m", micro=False)
    site = site_of(request)
    return {
        "qr": drawn.svg_data_uri(scale=5, border=3),
        "letters": [written[start : start + GROUP] for start in range(0, len(written), GROUP)],
        "passkey_options": keep_asked(request, ask_passkey(site, who.staff_id, who.login)) if site else None,
    }


def _app_secret(request: HttpRequest, who: Enroller) -> bytes:
    place = f"new_app/{who.staff_id}"
    kept = request.session.get(APP_KEY)
    try:
        if isinstance(kept, str):
            return factor_seal().open(base64.b64decode(kept), place)
        secret = new_app_secret()
        request.session[APP_KEY] = base64.b64encode(factor_seal().close(secret, place)).decode()
    except KeyUnavailable as away:
        request.session.pop(APP_KEY, None)
        raise SignInRefused("keys", KEYS_AWAY) from away
    return secret
