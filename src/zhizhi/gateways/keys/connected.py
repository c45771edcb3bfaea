"""Which key service and which cipher an installation has: what `keys.toml` names, else a key file and AES-256-GCM.

The file stands in the state folder (or where ZHIZHI_KEYS points) and is documented in docs/keys.md. It holds no secret:
the token of a vault lies in a file of its own.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.keys.local import LocalKeyService, open_local_keys
from zhizhi.gateways.keys.refusals import KeyServiceError
from zhizhi.gateways.keys.vault import VaultKeyService, VaultSettings

CIPHERS = ("aes-256-gcm", "sm4-gcm")
TIMEOUT_SECONDS_MAX = 60.0
Options = Mapping[str, Any]


def open_keys(path: Path, state: Path, at: datetime) -> tuple[LocalKeyService | VaultKeyService, str]:
    """The key service and the name of the cipher for new values. Refuses: a setting that is unknown or missing."""
    options = _read(path)
    service, cipher = options.get("service", "file"), options.get("cipher", CIPHERS[0])
    is_known = service in tuple(SERVICES) and cipher in CIPHERS
    if not is_known or not set(options) <= SETTINGS[service]:
        raise _refused(path, f"service = {' | '.join(SERVICES)}; cipher = {' | '.join(CIPHERS)}")
    try:
        return SERVICES[service](options, state, at), cipher
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(path, ", ".join(sorted(SETTINGS[service]))) from error


def _read(path: Path) -> Options:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, "TOML") from error


def _refused(path: Path, known: str) -> KeyServiceError:
    return KeyServiceError("bad_settings", _BAD_SETTINGS.fill(file=path.name, known=known))


def _file(options: Options, state: Path, at: datetime) -> LocalKeyService:
    return open_local_keys(Path(options["file"]) if "file" in options else state / "keys" / "local.json", at)


def _vault(options: Options, _state: Path, _at: datetime) -> VaultKeyService:
    timeout = float(options.get("timeout_seconds", 5.0))
    if not 0 < timeout <= TIMEOUT_SECONDS_MAX:
        raise ValueError("timeout_seconds")
    return VaultKeyService(
        VaultSettings(
            address=str(options["address"]),
            token_file=Path(options["token_file"]),
            key=str(options["key"]),
            root_key=str(options["root_key"]),
            mount=str(options.get("mount", "transit")),
            namespace=str(options.get("namespace", "")),
            authority=str(options["authority"]) if "authority" in options else None,
            timeout_seconds=timeout,
        )
    )


SERVICES: Mapping[str, Callable[[Options, Path, datetime], LocalKeyService | VaultKeyService]] = {
    "file": _file,
    "vault": _vault,
}
SETTINGS = {
    "file": {"service", "cipher", "file"},
    "vault": {
        *("service", "cipher", "address", "token_file", "key", "root_key", "mount", "namespace", "authority"),
        "timeout_seconds",
    },
}
_BAD_SETTINGS = Text(
    zh="{file} 无法使用；可用的设置：{known}（见 docs/keys.md）",
    en="{file} cannot be used; the settings are: {known} (docs/keys.md)",
)
