"""Why a backup cannot be made, read or restored."""

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text


class BackupRefused(Refused):
    """An expected end; nothing that looks whole was left behind."""


def refused(code: str, zh: str, en: str) -> BackupRefused:
    """One of them."""
    return BackupRefused(code, Text(zh, en))
