"""What a backup does not hold and the house needs to come back: settings, and the secrets that they name."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhizhi.core.kernel.text import Text

SETTINGS = {
    "ZHIZHI_CHANNELS": ("channels.toml", Text("渠道设置", "settings of channels")),
    "ZHIZHI_KEYS": ("keys.toml", Text("密钥服务的设置", "settings of the key service")),
    "ZHIZHI_SSO": ("sso.toml", Text("统一认证的设置", "settings of single sign-on")),
    "ZHIZHI_RECORDS": ("records.toml", Text("对账来源的设置", "settings of reconciliation")),
}
NAMES_A_FILE = "_file"
_SECRET = Text("机密", "a secret")
_KEYS = Text("密钥，用 zhizhi backup keys 另存", "keys: zhizhi backup keys")
_SESSIONS = Text("会话签名密钥；丢失则所有人重新登录", "signs sessions: without it everybody signs in again")
_UNREAD = Text("读不懂，其中所指的机密请自行核对", "cannot be read: look yourself which secrets it names")


@dataclass(frozen=True, slots=True)
class KeptApart:
    """A file that is in no backup."""

    path: Path
    what: Text


def kept_apart(state: Path, environ: Mapping[str, str]) -> list[KeptApart]:
    """What of this installation is there and in no backup, each once, in the order of its folder.

    Boundary: what stands in the environment itself, and a key service elsewhere, is not seen here.
    """
    found: dict[Path, Text] = {}
    for variable, (name, what) in SETTINGS.items():
        path = Path(environ.get(variable) or state / name)
        if path.is_file():
            found |= {path: what, **dict(_named_in(path))}
    for path, what in ((state / "keys" / "local.json", _KEYS), (state / "secret-key", _SESSIONS)):
        if path.is_file():
            found[path] = what
    return [KeptApart(path, what) for path, what in found.items()]


def _named_in(path: Path) -> Iterator[tuple[Path, Text]]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        yield path, _UNREAD
        return
    for written in _files_of(settings):
        yield Path(written), _SECRET


def _files_of(settings: Mapping[str, Any]) -> Iterator[str]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _files_of(value)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, Mapping):
                    yield from _files_of(one)
        elif isinstance(value, str) and key.endswith(NAMES_A_FILE):
            yield value
