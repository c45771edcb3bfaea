"""Which provider an installation has: what `sso.toml` names; without the file there is none.

The file stands in the state folder (or where ZHIZHI_SSO points) and is documented in docs/sign-in.md. It holds no
secret: the client's lies in a file of its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
METHODS = ("client_secret_basic", "client_secret_post")
TIMEOUT_SECONDS_MAX = 30.0
SECRET_OCTETS_MAX = 4_096
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_KNOWN = frozenset(
    (
        *("issuer", "client_id", "secret_file", "secret_method", "claim", "scopes", "acr", "amr", "algorithms"),
        *("local_roles", "name", "authority", "timeout_seconds"),
    )
)
_WRONG = Text("{file} 无法使用：{what}（见 docs/sign-in.md）", "{file} cannot be used: {what} (docs/sign-in.md)")


class ProviderSettingsRefused(Refused):
    """`sso.toml` cannot be used; the text names the setting."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One provider, as one client of it. `claim`: whose value is the sign-in name here."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    claim: str
    local_roles: tuple[str, ...]
    secret_method: str = METHODS[0]
    scopes: tuple[str, ...] = ("openid",)
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ("mfa",)
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    name: str = "统一认证 · single sign-on"
    authority: str | None = None
    timeout_seconds: float = 5.0


def load_provider_settings(path: Path) -> ProviderSettings | None:
    """The settings; None where there is no file. Refuses: ProviderSettingsRefused for anything that does not fit."""
    if not path.exists():
        return None
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, "TOML") from error
    unknown = sorted(set(options) - _KNOWN)
    if unknown:
        raise _refused(path, ", ".join(unknown))
    try:
        return _settings(path, options)
    except KeyError as missing:
        raise _refused(path, str(missing.args[0])) from missing


def _settings(path: Path, options: Mapping[str, Any]) -> ProviderSettings:
    return ProviderSettings(
        issuer=_address(path, options),
        client_id=_text(path, options, "client_id"),
        secret=_secret(path, Path(_text(path, options, "secret_file"))),
        claim=_text(path, options, "claim"),
        local_roles=_texts(path, options, "local_roles", ()),
        secret_method=_one_of(path, "secret_method", options.get("secret_method", METHODS[0]), METHODS),
        scopes=_with_openid(_texts(path, options, "scopes", ("openid",))),
        acr=_texts(path, options, "acr", ()),
        amr=_texts(path, options, "amr", ("mfa",)),
        algorithms=tuple(
            _one_of(path, "algorithms", one, ALGORITHMS)
            for one in _texts(path, options, "algorithms", ("RS256", "PS256", "ES256"))
        ),
        name=_text(path, {"name": "统一认证 · single sign-on", **options}, "name"),
        authority=_text(path, options, "authority") if "authority" in options else None,
        timeout_seconds=_seconds(path, options.get("timeout_seconds", 5.0)),
    )


def _address(path: Path, options: Mapping[str, Any]) -> str:
    """The issuer, letter by letter as the provider writes it; without TLS only on this machine."""
    written = _text(path, options, "issuer")
    parts = urlsplit(written)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise _refused(path, "issuer")
    return written


def _text(path: Path, options: Mapping[str, Any], name: str) -> str:
    value = options[name]
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _refused(path, name)
    return value


def _texts(path: Path, options: Mapping[str, Any], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    values = options.get(name, list(otherwise))
    if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
        raise _refused(path, name)
    return tuple(values)


def _one_of(path: Path, name: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise _refused(path, f"{name} ({' | '.join(known)})")
    return str(value)


def _with_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return scopes if "openid" in scopes else ("openid", *scopes)


def _seconds(path: Path, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= TIMEOUT_SECONDS_MAX:
        raise _refused(path, "timeout_seconds")
    return float(value)


def _secret(path: Path, file: Path) -> str:
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, "secret_file") from error
    if not secret or len(secret) > SECRET_OCTETS_MAX:
        raise _refused(path, "secret_file")
    return secret


def _refused(path: Path, what: str) -> ProviderSettingsRefused:
    return ProviderSettingsRefused("bad_settings", _WRONG.fill(file=path.name, what=what))
