"""What a provider publishes: its description and its keys.

Fetched when needed, kept an hour, and asked for an unknown key rarely.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from zhizhi.core.kernel.identity import ProviderFailed
from zhizhi.gateways.oidc.settings import ProviderSettings

KEPT_SECONDS = 3600.0
AGAIN_AFTER_SECONDS = 30.0
"""An unknown key is asked for at most so often, whoever sends tokens of his own making."""
ANSWER_OCTETS_MAX = 1_048_576
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(slots=True)
class _Kept:
    """A document and when it was fetched."""

    body: Mapping[str, Any]
    fetched: float


class Published:
    """Description and keys of one provider; `elapsed` counts seconds and is no clock."""

    def __init__(self, settings: ProviderSettings, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._elapsed = settings, elapsed
        self._client = httpx.Client(
            timeout=settings.timeout_seconds, trust_env=False, follow_redirects=False, verify=settings.authority or True
        )
        self._lock = threading.Lock()
        self._description: _Kept | None = None
        self._keys: _Kept | None = None

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def endpoint(self, name: str) -> str:
        """An address that the description names. Refuses: ProviderFailed away, or where it names none that is safe."""
        address = self._describe().get(name)
        own = urlsplit(self._settings.issuer)
        if not isinstance(address, str) or urlsplit(address).scheme not in ("https", own.scheme):
            raise ProviderFailed("answer")
        return address

    def says(self, name: str) -> bool:
        """Whether the description says yes to something."""
        return self._describe().get(name) is True

    def keys(self, *, again: bool = False) -> KeySet:
        """The keys; `again`: those of now, where they were not fetched just before. Refuses: ProviderFailed."""
        address = self.endpoint("jwks_uri")
        with self._lock:
            age = self._elapsed() - self._keys.fetched if self._keys is not None else KEPT_SECONDS
            if self._keys is None or age >= (AGAIN_AFTER_SECONDS if again else KEPT_SECONDS):
                self._keys = _Kept(self._ask("GET", address), self._elapsed())
            body = self._keys.body
        try:
            return KeySet.import_key_set(dict(body))  # type: ignore[arg-type]  # checked by the library
        except (JoseError, ValueError, TypeError, KeyError) as broken:
            raise ProviderFailed("answer") from broken

    def post(self, endpoint: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer of an endpoint to a form. Refuses: ProviderFailed."""
        return self._ask("POST", self.endpoint(endpoint), form, headers)

    def _describe(self) -> Mapping[str, Any]:
        with self._lock:
            if self._description is None or self._elapsed() - self._description.fetched >= KEPT_SECONDS:
                body = self._ask("GET", self._settings.issuer.rstrip("/") + WELL_KNOWN)
                if body.get("issuer") != self._settings.issuer:
                    raise ProviderFailed("answer")
                self._description = _Kept(body, self._elapsed())
            return self._description.body

    def _ask(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """One answer that is a JSON object. Refuses: away for silence and 5xx, answer for everything else."""
        said = {"Accept": "application/json", **(headers or {})}
        octets = bytearray()
        try:
            with self._client.stream(method, address, data=form, headers=said) as response:
                for piece in response.iter_bytes():
                    octets += piece
                    if len(octets) > ANSWER_OCTETS_MAX:
                        raise ProviderFailed("answer")
            status = response.status_code
            body = httpx.Response(200, content=bytes(octets)).json() if status == httpx.codes.OK else None
        except httpx.HTTPError as error:
            raise ProviderFailed("away") from error
        except ValueError as broken:
            raise ProviderFailed("answer") from broken
        if not isinstance(body, dict):
            raise ProviderFailed("away" if status >= httpx.codes.INTERNAL_SERVER_ERROR else "answer")
        return body
