"""Why the database cannot be used, in words for the person who started the product."""

from enum import StrEnum

from zhizhi.core.kernel.text import Text


class Code(StrEnum):
    """Each has its own remedy."""

    NO_BINARIES = "no_binaries"
    DATA_OF_ANOTHER_VERSION = "data_of_another_version"
    STATE_UNREACHABLE = "state_unreachable"
    SOCKET_FOLDER_UNSAFE = "socket_folder_unsafe"
    ALREADY_RUNNING = "already_running"
    START_FAILED = "start_failed"
    SERVER_TOO_OLD = "server_too_old"
    SERVER_AWAY = "server_away"


class DatabaseProblem(Exception):
    """An expected reason why there is no database, with its remedy in both languages."""

    def __init__(self, code: Code, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.code = code
        self.text = Text(zh=zh, en=en)
