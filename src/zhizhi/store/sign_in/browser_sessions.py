"""What a browser's session holds, in rows that open to nobody but the browser: `SESSION_ENGINE` of Django.

The web's login reads `django_session` before anybody is known, and so does SQL that is injected into it. A row is found
by a digest of the cookie's key, and what it holds is sealed under another: neither can be had from a row, and no row
can be written that a cookie of somebody else opens. The cookie's key is 32 random letters and digits (165 bits):
nothing to guess, so one round of HMAC-SHA256 is enough. `ZHIZHI_SECRET_KEY` is part of both, so that whoever may write
rows and holds a cookie of their own still says nothing that we believe.
"""

import base64
import os
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as RowStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from zhizhi.store.ciphers import AES_256_GCM, NONCE_OCTETS, Cipher

_NAME, _KEY = "zhizhi browser session name", "zhizhi browser session key"
_NAME_OCTETS = 30  # 240 bits: the forty characters that the column holds


def name_of(key: str) -> str:
    """Under what name the row of a cookie's key stands."""
    return base64.urlsafe_b64encode(_derived(_NAME, key)[:_NAME_OCTETS]).decode()


class SessionStore(RowStore):
    """Django's rows, under another name and sealed; `session_key` is the cookie's throughout."""

    def load(self) -> dict[str, Any]:
        """What the browser's session holds; a key of no row, of one that is over or does not open is given up."""
        key = self.session_key or ""
        row = self.model.objects.filter(session_key=name_of(key), expire_date__gt=Now()).first()
        held = None if row is None else self._opened(key, row.session_data)
        if held is None:
            self._session_key = None
            return {}
        return held

    def exists(self, session_key: str) -> bool:
        """Whether a row of this key stands."""
        return super().exists(name_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """Remove the row of this key, or of the session's own."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(name_of(key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row that holds `data` for this session."""
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]  # unknown to the stubs
        nonce = os.urandom(NONCE_OCTETS)
        closed = _cipher(key).encrypt(nonce, self.serializer().dumps(data), name_of(key).encode())
        return self.model(
            session_key=name_of(key),
            session_data=base64.b64encode(nonce + closed).decode(),
            expire_date=self.get_expiry_date(),
        )

    def _opened(self, key: str, kept: str) -> dict[str, Any] | None:
        try:
            sealed = base64.b64decode(kept, validate=True)
            plain = _cipher(key).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], name_of(key).encode())
        except (InvalidTag, ValueError):  # altered, or sealed under another `ZHIZHI_SECRET_KEY`: no session of ours
            return None
        held: dict[str, Any] = self.serializer().loads(plain)
        return held

    # Django's rows have an asynchronous half that would keep the key as it is; these go through the methods above.
    aload = SessionBase.aload
    aexists = SessionBase.aexists
    adelete = SessionBase.adelete
    acreate = SessionBase.acreate
    asave = SessionBase.asave


def erase_browser_sessions(at: datetime, limit: int = 5000) -> int:
    """Erase rows whose time is over, through the login that alone writes them; answers how many."""
    over = SessionStore.get_model_class().objects.filter(expire_date__lte=at)
    some = list(over.order_by("expire_date").values_list("pk", flat=True)[:limit])
    erased: int = over.filter(pk__in=some).delete()[0]
    return erased


def _cipher(key: str) -> Cipher:
    return AES_256_GCM.of_key(_derived(_KEY, key))


def _derived(what: str, key: str) -> bytes:
    return salted_hmac(what, key, algorithm="sha256").digest()
