"""Take an import back: compensating rows, nothing deleted; what was sent meanwhile stays counted."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.transact.import_withdraw import Withdrawn, withdraw
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

GROUND_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class WithdrawImport:
    """The wish to withdraw a file, with its ground."""

    file_id: int
    ground: str
    by: int | None = None


def withdraw_import(command: WithdrawImport, at: datetime) -> Withdrawn:
    """Withdraw it.

    Refuses: no ground, an unknown file, one that was withdrawn before, a kind that cannot be taken back.
    """
    ground = command.ground.strip()
    if not ground or len(ground) > GROUND_CHARACTERS_MAX:
        raise UseCaseRefused(
            "no_ground", Text("请写明撤回依据（300 字以内）", "help: give the ground, at most 300 characters"), "ground"
        )
    return withdraw(command.file_id, ground, today=civil_day(at), at=at)
