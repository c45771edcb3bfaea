"""A statement of commission as a file: its sums, which speak of nobody, and its lines, which are transactions."""

from dataclasses import replace

from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.rate_card import PARTS, Rate
from zhizhi.store.commission.reads import StatementRow, load_lines, load_statement
from zhizhi.store.commission.words import STATES
from zhizhi.store.exports.words import UNITS_A_DAY, DataClass
from zhizhi.usecases.exports.content import Content, SheetRow, sheet

LINES_MAX = UNITS_A_DAY + 1  # more is over every limit, and is not read to its end
_SUMS = (
    "项目 item",
    "手别 hand",
    "账龄起 from days",
    "余额起 balance from",
    "笔数 payments",
    "金额 amount",
    "佣金 commission",
)
_LINES = (
    "行 line",
    "案件 case",
    "还款日 paid on",
    "金额 amount",
    "手别 hand",
    "首档费率 first rate",
    "不计原因 why nothing",
)


def _yuan(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _name(row: StatementRow) -> Text:
    month = f"{row.month:%Y-%m}"
    return Text(f"{row.agency} {month} 第 {row.n} 版", f"{row.agency} {month} no. {row.n}")


def statement_sums(target: str) -> Content | None:
    """What both sides sign, by rate: no record about a person is in it, so it weighs nothing; that it left is kept."""
    row = load_statement(int(target)) if target.isdecimal() else None
    if row is None:
        return None
    lines = [SheetRow(cells) for cells in _sums(row)]
    return Content(
        what=_name(row),
        name=f"commission-{row.id}",
        lender_id=row.lender_id,
        data_class=DataClass.OTHER,
        rows=0,
        make=lambda stamp: replace(sheet(_SUMS, lines, stamp), rows=()),
    )


def _sums(row: StatementRow) -> list[tuple[str, ...]]:
    state = STATES[row.state]
    sums = [
        (
            "费率 rate",
            *(str(part) for part in one.rate.place[:2]),
            _yuan(one.rate.from_balance_minor),
            str(one.payments),
            _yuan(one.collected_minor),
            _yuan(one.commission_minor),
        )
        for one in row.rates
    ]
    for name, minor in (
        ("固定服务费 fixed fee", row.base_minor),
        ("违规扣减 off for breaches", -row.deducted_minor),
        ("应付 due", row.due_minor),
    ):
        sums.append((name, "", "", "", "", "", _yuan(minor)))
    signed = (("委外机构签署 agency", row.agency_signed_at), ("金融机构签署 lender", row.lender_signed_at))
    said = [(name, at.isoformat() if at is not None else "—") for name, at in signed]
    told = [
        *said,
        ("状态 state", f"{state.zh} {state.en}"),
        ("摘要 SHA-256", row.digest),
        ("制作 made", row.made_at.isoformat()),
    ]
    return [*sums, *((name, value, "", "", "", "", "") for name, value in told)]


def statement_lines(target: str) -> Content | None:
    """Payment by payment, by case number: transactions of persons, within the limits of every export."""
    row = load_statement(int(target)) if target.isdecimal() else None
    if row is None:
        return None
    lines = [
        SheetRow(
            (
                *(str(line.n), line.case_number, line.paid_on.isoformat(), _yuan(line.amount_minor), str(line.hand)),
                _first_rate(line.rate),
                f"{line.nothing.label.zh} {line.nothing.label.en}" if line.nothing is not None else "",
            )
        )
        for line in load_lines(row.id, LINES_MAX)
    ]
    return Content(
        what=_name(row),
        name=f"commission-lines-{row.id}",
        lender_id=row.lender_id,
        data_class=DataClass.LIFE,
        rows=row.lines,
        make=lambda stamp: sheet(_LINES, lines, stamp),
    )


def _first_rate(rate: Rate | None) -> str:
    return f"{rate.tiers[0].rate * 100 / PARTS:.2f}%" if rate is not None else ""
