"""The key service of HashiCorp Vault or OpenBao: its transit engine wraps, re-wraps and derives; no key leaves it.

A wrapped ring is the transit ciphertext (`vault:v3:…`). Derived keys are the HMAC of their purpose under a named
version of a second transit key, the root. Both keys are made by the operator (docs/keys.md). The token is read from
its file for each request, so that an agent may renew it.
"""

import base64
import binascii
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.keys.refusals import (
    KEY_OCTETS,
    NO_PURPOSE,
    KeyServiceError,
    refuse_unless_next,
    refuse_unless_ring,
)

BATCH_MAX = 500
ANSWER_OCTETS_MAX = 4_194_304
TOKEN_OCTETS_MAX = 8_192
KNOWN_FOR_SECONDS = 5.0
"""How long an answer counts as a sign that the service is there, and a newest version as known."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_WRAPPED = re.compile(rb"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]+")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """Where the transit engine is, under which names its two keys stand, and where the token lies."""

    address: str
    token_file: Path
    key: str
    root_key: str
    mount: str = "transit"
    namespace: str = ""
    authority: str | None = None
    timeout_seconds: float = 5.0


class VaultKeyService:
    """Wraps, opens and derives over HTTP; safe for many threads. `elapsed` counts seconds and is no clock."""

    def __init__(self, settings: VaultSettings, elapsed: Callable[[], float] = time.monotonic) -> None:
        _refuse_unless_sound(settings)
        self._settings, self._elapsed = settings, elapsed
        self._client = httpx.Client(
            base_url=settings.address, timeout=settings.timeout_seconds, trust_env=False, follow_redirects=False,
            verify=settings.authority or True, limits=httpx.Limits(max_connections=16, keepalive_expiry=4.0),
        )  # fmt: skip
        self._lock = threading.Lock()
        self._newest: dict[str, tuple[int, float]] = {}
        self._answered_at: float | None = None

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def wrap_many(self, rings: Sequence[bytes]) -> list[bytes]:
        """Transit ciphertexts under the newest version of the key."""
        for ring in rings:
            refuse_unless_ring(ring)
        asked = [{"plaintext": _to_text(ring)} for ring in rings]
        return [_wrapped(one.get("ciphertext")) for one in self._batch("encrypt", asked)]

    def unwrap_many(self, wrapped: Sequence[bytes]) -> list[bytes]:
        """The rings. Refuses: what is no transit ciphertext, or none of this key."""
        rings = [_octets(one.get("plaintext")) for one in self._batch("decrypt", _ciphertexts(wrapped))]
        for ring in rings:
            refuse_unless_ring(ring)
        return rings

    def rewrap_many(self, wrapped: Sequence[bytes]) -> list[bytes]:
        """The same rings under the newest version; they are not shown to us on the way."""
        return [_wrapped(one.get("ciphertext")) for one in self._batch("rewrap", _ciphertexts(wrapped))]

    def derive(self, purpose: str, root: int = 1) -> bytes:
        """The HMAC-SHA-256 of a purpose under one version of the root key."""
        if not purpose:
            raise KeyServiceError("no_purpose", NO_PURPOSE)
        path = f"hmac/{self._settings.root_key}/sha2-256"
        answer = self._ask("POST", path, {"input": _to_text(purpose.encode()), "key_version": root})
        version, _, digest = str(answer.get("hmac")).removeprefix("vault:v").partition(":")
        key = _octets(digest)
        if version != str(root) or len(key) != KEY_OCTETS:
            raise KeyServiceError("unreadable_answer", _UNREADABLE)
        return key

    def newest(self) -> int:
        """The latest version of the wrapping key."""
        return self._latest(self._settings.key)

    def newest_root(self) -> int:
        """The latest version of the root key, known for some seconds."""
        return self._latest(self._settings.root_key)

    def mark(self, version: int) -> bytes:
        """What a ciphertext of this version begins with."""
        return b"vault:v%d:" % version

    def rotate(self, to: int, at: datetime) -> None:
        """Rotate the wrapping key. Refuses: a gap between the versions."""
        self._rotate(self._settings.key, to)

    def rotate_root(self, to: int, at: datetime) -> None:
        """Rotate the root key."""
        self._rotate(self._settings.root_key, to)

    def require(self) -> None:
        """Refuses: a service that has not answered lately and does not answer now."""
        answered = self._answered_at
        if answered is None or self._elapsed() - answered > KNOWN_FOR_SECONDS:
            self._read(self._settings.key)

    def _rotate(self, name: str, to: int) -> None:
        if refuse_unless_next(self._read(name), to):
            self._ask("POST", f"keys/{name}/rotate", {})
            self._read(name)

    def _latest(self, name: str) -> int:
        version, read_at = self._newest.get(name, (0, 0.0))
        return version if version and self._elapsed() - read_at <= KNOWN_FOR_SECONDS else self._read(name)

    def _read(self, name: str) -> int:
        version = self._ask("GET", f"keys/{name}", None).get("latest_version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise KeyServiceError("unreadable_answer", _UNREADABLE)
        with self._lock:
            self._newest[name] = version, self._elapsed()
        return version

    def _batch(self, verb: str, asked: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for start in range(0, len(asked), BATCH_MAX):
            part = list(asked[start : start + BATCH_MAX])
            answer = self._ask("POST", f"{verb}/{self._settings.key}", {"batch_input": part})
            results = answer.get("batch_results")
            if not isinstance(results, list) or len(results) != len(part):
                raise KeyServiceError("unreadable_answer", _UNREADABLE)
            if any(not isinstance(one, dict) or one.get("error") for one in results):
                raise KeyServiceError("bad_wrapped_key", _FOREIGN)
            found += results
        return found

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        """One request. Refuses: no answer in time, and every answer but the documented one; no message repeats it."""
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        if self._settings.namespace:
            headers["X-Vault-Namespace"] = self._settings.namespace
        try:
            with self._client.stream(
                method, f"/v1/{self._settings.mount}/{path}", json=body, headers=headers
            ) as response:
                content = b""
                for octets in response.iter_bytes():
                    content += octets
                    if len(content) > ANSWER_OCTETS_MAX:
                        raise KeyServiceError("unreadable_answer", _UNREADABLE)
                status = response.status_code
        except httpx.HTTPError as error:
            raise KeyServiceError("key_service_away", _AWAY.fill(what=type(error).__name__)) from error
        _refuse_unless_ok(status)
        found = _data_of(status, content)
        self._answered_at = self._elapsed()
        return found

    def _token(self) -> str:
        try:
            with self._settings.token_file.open("rb") as file:
                token = file.read(TOKEN_OCTETS_MAX).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyServiceError("no_token", _NO_TOKEN) from error
        if not token or not token.isprintable():
            raise KeyServiceError("no_token", _NO_TOKEN)
        return token


def _refuse_unless_sound(settings: VaultSettings) -> None:
    address = urlsplit(settings.address)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
        raise KeyServiceError("not_encrypted", _NOT_ENCRYPTED)
    names = (settings.key, settings.root_key, *settings.mount.split("/"))
    if not all(_NAME.fullmatch(name) for name in names) or settings.key == settings.root_key:
        raise KeyServiceError("bad_name", _BAD_NAME)


def _refuse_unless_ok(status: int) -> None:
    if status in (httpx.codes.OK, httpx.codes.NO_CONTENT):
        return
    code, text = _REFUSALS.get(status, ("key_service_away", _AWAY))
    raise KeyServiceError(code, text.fill(what=status))


def _data_of(status: int, content: bytes) -> dict[str, Any]:
    if status == httpx.codes.NO_CONTENT:
        return {}
    try:
        document = httpx.Response(status, content=content).json()
        data = document.get("data") or {}
    except (ValueError, AttributeError, RecursionError) as error:
        raise KeyServiceError("unreadable_answer", _UNREADABLE) from error
    if not isinstance(data, dict):
        raise KeyServiceError("unreadable_answer", _UNREADABLE)
    return data


def _ciphertexts(wrapped: Sequence[bytes]) -> list[dict[str, str]]:
    if not all(_WRAPPED.fullmatch(bytes(one)) for one in wrapped):
        raise KeyServiceError("bad_wrapped_key", _FOREIGN)
    return [{"ciphertext": bytes(one).decode("ascii")} for one in wrapped]


def _wrapped(ciphertext: object) -> bytes:
    octets = str(ciphertext).encode("utf-8", errors="replace")
    if not _WRAPPED.fullmatch(octets):
        raise KeyServiceError("unreadable_answer", _UNREADABLE)
    return octets


def _to_text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _octets(text: object) -> bytes:
    try:
        return base64.b64decode(str(text).encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise KeyServiceError("unreadable_answer", _UNREADABLE) from error


_AWAY = Text(
    zh="密钥服务没有正常答复（{what}）：在它恢复之前，不打开、不封存、不外发任何内容",
    en="the key service does not answer as it should ({what}); until it does, nothing is opened, sealed or sent",
)
_SEALED = Text(
    zh="密钥服务已封印或正在切换（{what}），请解封；恢复后自动继续",
    en="the key service is sealed or changing its leader ({what}); unseal it, and work goes on by itself",
)
_FORBIDDEN = Text(
    zh="密钥服务拒绝了令牌（{what}）：请检查令牌文件与策略",
    en="the key service refuses the token ({what}); check its file and policy",
)
_NO_KEY = Text(
    zh="密钥服务中没有这一密钥或路径（{what}）：请检查 keys.toml 的 mount、key、root_key",
    en="the key service has no such key or path ({what}); check mount, key and root_key in keys.toml",
)
_FOREIGN = Text(
    zh="封装的数据密钥已损坏，或不是由此密钥服务封装",
    en="a wrapped data key is damaged, or was not wrapped by this key service",
)
_REFUSED = Text(
    zh="密钥服务不接受请求（{what}）：封装的数据密钥可能已损坏、属于别处，或其版本已被停用",
    en="the key service refuses the request ({what}): a wrapped key is damaged or foreign, or its version was disabled",
)
_REFUSALS = {
    400: ("bad_wrapped_key", _REFUSED),
    403: ("token_refused", _FORBIDDEN),
    404: ("no_key", _NO_KEY),
    429: ("key_service_away", _SEALED),
    472: ("key_service_away", _SEALED),
    473: ("key_service_away", _SEALED),
    503: ("key_service_sealed", _SEALED),
}
_UNREADABLE = Text(zh="密钥服务的答复不符合其文档", en="the key service answered what it does not document")
_NO_TOKEN = Text(zh="没有可用的令牌文件（token_file）", en="there is no usable token file (token_file)")
_NOT_ENCRYPTED = Text(
    zh="密钥服务的地址须为 https（本机回环除外）",
    en="the address of the key service begins with https (but on loopback)",
)
_BAD_NAME = Text(
    zh="mount、key、root_key 只能用字母、数字、`_`、`.`、`-`，且两个密钥不能同名",
    en="mount, key and root_key have letters, digits, `_`, `.` and `-` only, and the two keys differ",
)
