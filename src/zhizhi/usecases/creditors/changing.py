"""Register creditors, ask for a change of creditor of one debt or of many, prove that the notice arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.shares import Holding, require_holdings
from zhizhi.core.creditor.words import ChangeKind, CreditorKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.creditors.keeping import NewNotice, add_creditor, find_creditors, prove_notice
from zhizhi.store.creditors.reads import DebtToMove, debts_to_move
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.creditors.act import CREDITOR_CHANGE
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

NAME_CHARACTERS_MIN, NAME_CHARACTERS_MAX = 2, 60
EVIDENCE_CHARACTERS_MIN = 4
DEBTS_MAX = 200
GROUND = "债权人变更，合同或代偿凭证已核对，请批准"
DAY_TO_COME = Text("日期尚未到来", "the day is still to come")


@dataclass(frozen=True, slots=True)
class RegisterCreditor:
    """An institution that may hold debts of a lender's book; `pay_to`: its official account or channel."""

    lender_id: int
    name: str
    kind: CreditorKind
    pay_to: str
    by: int


@dataclass(frozen=True, slots=True)
class MovedDebt:
    """A debt by its case; `debt_id` None: the only one of the case that is not settled."""

    case_number: str
    holdings: tuple[Holding, ...]
    debt_id: int | None = None


@dataclass(frozen=True, slots=True)
class AskChange:
    """A change of creditor of some debts; `basis`: contract or receipt, and the ground of what is added."""

    lender_id: int
    kind: ChangeKind
    on: date
    basis: str
    debts: tuple[MovedDebt, ...]
    by: int


@dataclass(frozen=True, slots=True)
class ProveNotice:
    """The notice of a change has arrived."""

    person_id: int
    change_id: int
    served_on: date
    how: Served
    evidence: str
    by: int


def register_creditor(command: RegisterCreditor, at: datetime) -> int:
    """Answers its id. Refuses: NotAllowed, a name or a way to pay that is too short or too long, one that is known."""
    require(command.by, Right.ASK_CREDITOR, lender_id=command.lender_id)
    name, pay_to = command.name.strip(), command.pay_to.strip()
    for field, value in (("name", name), ("pay_to", pay_to)):
        if not NAME_CHARACTERS_MIN <= len(value) <= NAME_CHARACTERS_MAX:
            text = Text(f"请填 {NAME_CHARACTERS_MIN} 至 {NAME_CHARACTERS_MAX} 字", "help: 2 to 60 characters")
            raise UseCaseRefused("length", text, field)
    return add_creditor(command.lender_id, name, command.kind, pay_to, command.by, at)


def ask_change(command: AskChange, at: datetime) -> int:
    """Keep the request; answers its id. Nothing changes before another person approves.

    Refuses: NotAllowed, a day to come, no contract or receipt, none or too many debts, a case that is not there, whose
    debts were all settled, or that has several and none is named, debts of several currencies, and as
    `require_holdings`.
    """
    require(command.by, Right.ASK_CREDITOR, lender_id=command.lender_id)
    if command.on > civil_day(at):
        raise UseCaseRefused("day_to_come", DAY_TO_COME, "on")
    basis = checked_text(command.basis, "basis", characters_min=EVIDENCE_CHARACTERS_MIN)
    if not 0 < len(command.debts) <= DEBTS_MAX:
        raise UseCaseRefused("debts", Text(f"请填 1 至 {DEBTS_MAX} 笔债权", f"1 to {DEBTS_MAX} debts"), "debts")
    found = _found(command)
    named = {held.creditor_id for one in command.debts for held in one.holdings if held.creditor_id is not None}
    known = find_creditors(command.lender_id, sorted(named))
    lender = found[0].lender
    for debt, wanted in zip(found, command.debts, strict=True):
        require_holdings(command.kind, wanted.holdings, debt.balance_minor, basis=basis)
    request = {
        "kind": command.kind.value,
        "on": command.on.isoformat(),
        "basis": basis,
        "currency": found[0].currency,
        "creditors": _creditors(command.debts, known, lender),
        "debts": [_line(debt, wanted, known) for debt, wanted in zip(found, command.debts, strict=True)],
    }
    return ask(CREDITOR_CHANGE, Ask(request, GROUND, command.by, command.lender_id), at)


def prove(command: ProveNotice, at: datetime) -> None:
    """Refuses: NotAllowed, a day to come, no word of where the proof is, and as `prove_notice`."""
    require(command.by, Right.PROVE_NOTICE, person_id=command.person_id)
    if command.served_on > civil_day(at):
        raise UseCaseRefused("day_to_come", DAY_TO_COME, "served_on")
    evidence = checked_text(command.evidence, "evidence", characters_min=EVIDENCE_CHARACTERS_MIN)
    new = NewNotice(command.person_id, command.change_id, command.served_on, command.how, evidence, command.by)
    prove_notice(new, at)


def _found(command: AskChange) -> list[DebtToMove]:
    """The debts as they stand, in the order of the request."""
    known = debts_to_move(command.lender_id, [one.case_number for one in command.debts])
    found = [_of(one, known) for one in command.debts]
    if len({debt.debt_id for debt in found}) != len(found):
        raise UseCaseRefused("twice", Text("同一笔债权填了两次", "a debt is named twice"), "debts")
    if len({debt.currency for debt in found}) > 1:
        raise UseCaseRefused("currency", Text("币种不一", "the debts are of several currencies"), "debts")
    return found


def _of(one: MovedDebt, known: Sequence[DebtToMove]) -> DebtToMove:
    debts = [debt for debt in known if debt.case_number == one.case_number and one.debt_id in (None, debt.debt_id)]
    if not debts:
        text = Text(f"{one.case_number}：没有未结清的债权", f"{one.case_number}: no debt that is not settled")
        raise UseCaseRefused("no_debt", text, "debts")
    if len(debts) > 1:
        zh = f"{one.case_number}：有几笔债权，请在案件页逐笔申请"
        raise UseCaseRefused("several", Text(zh, f"{one.case_number}: it has several; ask at the case"), "debts")
    return debts[0]


def _creditors(debts: Sequence[MovedDebt], known: dict[int, tuple[str, str]], lender: str) -> list[list[str]]:
    ids = dict.fromkeys(held.creditor_id for one in debts for held in one.holdings)
    return [[lender, ""] if creditor is None else list(known[creditor]) for creditor in ids]


def _line(debt: DebtToMove, wanted: MovedDebt, known: dict[int, tuple[str, str]]) -> dict[str, Any]:
    return {
        "person": debt.person_id,
        "debt": debt.debt_id,
        "case": debt.case_number,
        "holdings": [
            [
                debt.lender if held.creditor_id is None else known[held.creditor_id][0],
                held.creditor_id,
                held.amount_minor,
                held.allowed_minor,
            ]
            for held in wanted.holdings
        ],
    }
