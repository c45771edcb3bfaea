"""Take an import back: compensating rows, nothing deleted; what was sent meanwhile stays counted."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.import_withdraw import Withdrawal, Withdrawn, withdraw
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

GROUND_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class WithdrawImport:
    """The wish to withdraw a file, with its ground and whose it is."""

    file_id: int
    ground: str
    by: int


def withdraw_import(command: WithdrawImport, at: datetime) -> Withdrawn:
    """Withdraw it.

    Refuses: somebody who may not import, no ground, an unknown file or one of another lender, one that was withdrawn
    before, a kind that cannot be taken back.
    """
    acting = require(command.by, Right.IMPORT)
    ground = command.ground.strip()
    if not ground or len(ground) > GROUND_CHARACTERS_MAX:
        raise UseCaseRefused(
            "no_ground", Text("请写明撤回依据（300 字以内）", "help: give the ground, at most 300 characters"), "ground"
        )
    taken_back = Withdrawal(command.file_id, ground, f"u{command.by}", only_lender_id=acting.lender_id)
    return withdraw(taken_back, today=civil_day(at), at=at)
