"""The lines of a change of creditor, as people write or paste them: one creditor of one debt a line."""

from decimal import Decimal, InvalidOperation

from zhizhi.core.creditor.shares import Holding
from zhizhi.core.kernel.text import Text
from zhizhi.store.creditors.keeping import creditors_by_name
from zhizhi.usecases.creditors.changing import MovedDebt
from zhizhi.usecases.refused import UseCaseRefused

OURSELVES = "本机构"
COLUMNS_MIN, COLUMNS_MAX = 3, 4
LINES_MAX = 1000
YUAN_MAX = Decimal(10) ** 12


def read_lines(written: str, lender_id: int) -> tuple[MovedDebt, ...]:
    """`case[/debt],creditor,amount[,allowed]` in yuan, commas of either width; several lines of a debt are its several
    creditors. Refuses: a line that cannot be read, with its number and why."""
    known = creditors_by_name(lender_id)
    found: dict[tuple[str, int | None], list[Holding]] = {}
    lines = [(n, line) for n, line in enumerate(written.splitlines(), 1) if line.strip()]
    if len(lines) > LINES_MAX:
        raise UseCaseRefused("too_many", Text(f"至多 {LINES_MAX} 行", f"at most {LINES_MAX} lines"), "lines")
    for n, line in lines:
        parts = [part.strip() for part in line.replace("，", ",").replace("\t", ",").split(",")]
        if not COLUMNS_MIN <= len(parts) <= COLUMNS_MAX:
            raise _refused(n, "应为 案件编号,债权人,持有金额,另计（可不填）", "wants case,creditor,amount[,allowed]")
        case, creditor, *amounts = parts
        if creditor != OURSELVES and creditor not in known:
            raise _refused(n, "债权人未登记，请先登记", "this creditor is not registered")
        number, _, debt = case.partition("/")
        if debt and not (debt.isascii() and debt.isdigit()):
            raise _refused(n, "斜线后应为债权序号", "a debt's number follows the slash")
        amount, allowed = _minor(n, amounts[0]), _minor(n, amounts[1]) if len(amounts) > 1 and amounts[1] else 0
        held = Holding(None if creditor == OURSELVES else known[creditor], amount, allowed)
        found.setdefault((number, int(debt) if debt else None), []).append(held)
    return tuple(MovedDebt(number, tuple(holdings), debt) for (number, debt), holdings in found.items())


def _minor(n: int, written: str) -> int:
    try:
        amount = Decimal(written)
    except InvalidOperation:
        raise _refused(n, "金额不是数", "the amount is no number") from None
    if not amount.is_finite() or not 0 <= amount < YUAN_MAX or amount.scaleb(2) % 1:
        raise _refused(n, "金额须不小于零、至多两位小数", "the amount has two decimals at most")
    return int(amount.scaleb(2))


def _refused(n: int, zh: str, en: str) -> UseCaseRefused:
    return UseCaseRefused("bad_line", Text(f"第 {n} 行：{zh}", f"line {n}: {en}"), "lines")
