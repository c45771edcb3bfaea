"""What somebody does about direct debits; money and mandates take a second person, ending one takes a word."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zhizhi.core.debt.debit.authority import DebitStep
from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Text
from zhizhi.store.debits.batches import ask_batch
from zhizhi.store.debits.mandates import NewMandate, keep_mandate
from zhizhi.store.debits.mandates import revoke_mandate as end_it
from zhizhi.store.debits.results import look
from zhizhi.store.debits.rows import living_reserve
from zhizhi.store.debits.waiting import find_attempt, find_late
from zhizhi.store.debits.words import SIGNED_HOWS
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN, Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.debits.act import DEBIT
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

NUMBER_CHARACTERS_MAX = 64
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}", re.ASCII)  # stands in a sheet as it is
_TAIL = re.compile(r"[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RecordMandate:
    """What a debtor allowed; see `NewMandate`."""

    person_id: int
    debt_id: int
    signed_on: date
    signed_how: str
    limit_debit_minor: int
    limit_day_minor: int
    income_minor: int | None
    from_on: date
    until_on: date | None
    ground: str
    by: int
    token: str = field(repr=False)
    tail: str = field(repr=False)
    paper: str = field(repr=False)


def record_mandate(command: RecordMandate, at: datetime) -> int:
    """Keep it and ask a second person; answers the approval.

    Refuses: NotAllowed, a day of signing in the future, limits that do not fit, no token, a tail that is no four
    digits, a debt that has a mandate, a ground of less than four characters or with a number in it.
    """
    require(command.by, Right.SETTLE_REMITTANCE, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    _check(command, civil_day(at))
    new = NewMandate(
        person_id=command.person_id,
        debt_id=command.debt_id,
        token=command.token.strip(),
        tail=command.tail.strip(),
        paper=command.paper.strip(),
        signed_on=command.signed_on,
        signed_how=command.signed_how,
        limit_debit_minor=command.limit_debit_minor,
        limit_day_minor=command.limit_day_minor,
        income_minor=command.income_minor,
        from_on=command.from_on,
        until_on=command.until_on,
        by=command.by,
    )
    kept = keep_mandate(new, at)
    request = {
        "step": DebitStep.MANDATE.value,
        "person": new.person_id,
        "mandate": kept.id,
        "debt": new.debt_id,
        "signed_on": new.signed_on.isoformat(),
        "signed_how": new.signed_how,
        "limit_debit_minor": new.limit_debit_minor,
        "limit_day_minor": new.limit_day_minor,
        "income_minor": new.income_minor,
        "from": new.from_on.isoformat(),
        "until": new.until_on.isoformat() if new.until_on else None,
        "currency": kept.currency,
    }
    return ask(DEBIT, Ask(request, ground, command.by, kept.lender_id), at)


def _check(command: RecordMandate, today: date) -> None:
    if command.signed_how not in SIGNED_HOWS:
        raise UseCaseRefused("signed_how", Text("请选择签约方式", "help: choose how it was signed"), "signed_how")
    if command.signed_on > today:
        raise UseCaseRefused("in_the_future", Text("签约日不能晚于今天", "signed in the future"), "signed_on")
    if command.from_on < command.signed_on:
        raise UseCaseRefused("before_signed", Text("不能早于签约日", "not before it was signed"), "from_on")
    if command.until_on is not None and command.until_on < command.from_on:
        raise UseCaseRefused("ends_before", Text("止期早于起期", "it ends before it begins"), "until_on")
    if not 0 < command.limit_debit_minor <= MONEY_MINOR_MAX:
        raise UseCaseRefused("bad_amount", Text("单笔限额须大于 0", "a limit is above 0"), "limit_debit")
    if not command.limit_debit_minor <= command.limit_day_minor <= MONEY_MINOR_MAX:
        raise UseCaseRefused(
            "bad_day", Text("单日限额不能低于单笔限额", "the limit of a day is no less than that of one"), "limit_day"
        )
    if _TOKEN.fullmatch(command.token.strip()) is None or len(command.paper.strip()) > NUMBER_CHARACTERS_MAX:
        raise UseCaseRefused(
            "no_token", Text("请填写银行签约号，只含字母与数字", "help: the bank's token, letters and digits"), "token"
        )
    if _TAIL.fullmatch(command.tail.strip()) is None:
        raise UseCaseRefused("bad_tail", Text("请填写账户后四位", "the last four digits of the account"), "tail")


def revoke_mandate(person_id: int, mandate_id: int, ground: str, by: int, at: datetime) -> None:
    """The debtor takes it back; whoever hears it writes it, and no order leaves any more.

    Refuses: NotAllowed, one that has ended, a ground of less than four characters or with a number in it.
    """
    require(by, Right.RECORD, person_id=person_id)
    end_it(person_id, mandate_id, checked_text(ground, "ground", characters_min=GROUND_CHARACTERS_MIN), by=by, at=at)


def ask_to_hand_over(lender_id: int, ground: str, by: int, at: datetime) -> int:
    """Bring what is planned together and ask a second person; answers the approval.

    Refuses: NotAllowed, nothing planned, a ground of less than four characters or with a number in it.
    """
    require(by, Right.SETTLE_REMITTANCE, lender_id=lender_id)
    checked = checked_text(ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    batch = ask_batch(lender_id, by=by, at=at)
    request: dict[str, Any] = {
        "step": DebitStep.BATCH.value,
        "batch": batch.id,
        "on": batch.on.isoformat(),
        "orders": batch.orders,
        "total_minor": batch.total_minor,
        "currency": batch.currency,
    }
    return ask(DEBIT, Ask(request, checked, by, lender_id), at)


def ask_for_reserve(lender_id: int, reserve_minor: int, ground: str, by: int, at: datetime) -> int:
    """Ask a second person for another living reserve from today on; answers the approval.

    Refuses: NotAllowed, an amount below 0, a ground of less than four characters or with a number in it.
    """
    if not 0 <= reserve_minor <= MONEY_MINOR_MAX:
        raise UseCaseRefused("bad_amount", Text("金额不能为负", "no amount below 0"), "reserve")
    today = civil_day(at)
    request: dict[str, Any] = {
        "step": DebitStep.RESERVE.value,
        "reserve_minor": reserve_minor,
        "before_minor": living_reserve(lender_id, today),
        "from": today.isoformat(),
        "currency": Currency.CNY.value,
    }
    return ask(DEBIT, Ask(request, ground, by, lender_id), at)


def ask_nothing_drawn(attempt_id: int, ground: str, by: int, at: datetime) -> int:
    """The channel was asked after its day and says that nothing was drawn; answers the approval.

    Refuses: NotAllowed, a debit that has its result or its time, a ground of less than four characters or with a number
    in it.
    """
    late = find_late(attempt_id, civil_day(at))
    if late is None:
        raise UseCaseRefused(
            "not_late", Text("该代扣已有结果，或未到核实时间", "this debit has its result, or its time")
        )
    request: dict[str, Any] = {
        "step": DebitStep.RESULT.value,
        "person": late.person_id,
        "attempt": late.id,
        "number": late.number,
        "amount_minor": late.amount_minor,
        "currency": late.currency,
    }
    return ask(DEBIT, Ask(request, ground, by, late.lender_id), at)


def look_at_failure(attempt_id: int, ground: str, by: int, at: datetime, *, again: bool) -> None:
    """What becomes of what could not be drawn: tried again from tomorrow, or left to other ways.

    Refuses: NotAllowed, one that nobody has to look at, a ground of less than four characters or with a number in it.
    """
    found = find_attempt(attempt_id)
    if found is None:
        raise UseCaseRefused("no_debit", Text("没有这笔代扣", "there is no such debit"))
    require(by, Right.SETTLE_REMITTANCE, lender_id=found.lender_id)
    checked = checked_text(ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    look(found.person_id, found.id, checked, again=again, by=by, at=at)
