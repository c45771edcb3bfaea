"""One debt case in, one result out: the whole of a case is looked at before the first of its findings is refused."""

from collections.abc import Mapping

from zhizhi.core.debt.case_tables import read_tables
from zhizhi.core.debt.errors import DebtError, ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import OFFICIAL, TableName, Tables
from zhizhi.core.debt.operation import ANY_CURRENCY, Answer, Operation
from zhizhi.core.debt.operations import OPERATIONS, OpName
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Text

ENGINE = "0.1.0"
"""Version of the program, as every result prints it; a test holds it to the version of the package."""

_REQUIRED = ("id", "op", "in")
_OPTIONAL = ("tables", "expect", "title", "source", "confidence")


def solve(document: object, tables: Tables = OFFICIAL) -> dict[str, object]:
    """The result document of one case, as read from JSON. Never raises: what is wrong with the case is its `error`."""
    if not isinstance(document, dict):
        wrong = Text("须为对象", "the case is no object")
        return {"id": None, "op": None, "error": to_error(DebtError(Finding(ErrorCode.BAD_JSON, "", wrong)))}
    heading: dict[str, object] = {key: _echo(document.get(key)) for key in ("id", "op")}
    try:
        operation, answer = _answer(document, tables)
    except DebtError as error:
        return {**heading, "error": to_error(error)}
    return {
        **heading,
        "out": answer.out,
        "rounding": [rounding.value for rounding in operation.rounding],
        "cites": list(answer.cites),
        "tables": dict(answer.tables_read),
        "engine": ENGINE,
    }


def to_error(error: DebtError) -> dict[str, str]:
    """`{code, message}`, as results print a refusal."""
    return {"code": error.code, "message": error.text.en}


def _answer(document: Mapping[str, object], official: Tables) -> tuple[Operation, Answer]:
    case = Fields(document, "", [])
    name = case.choice("op", OpName, None)
    operation = None if name is None else OPERATIONS.get(name)
    if name is not None and operation is None:
        wrong = Text("本版本尚不支持该运算", "names an operation that this version does not hold")
        case.findings.append(Finding(ErrorCode.BAD_VALUE, "op", wrong))
    _read_heading(case, operation)
    tables = read_tables(case.record("tables"), official, frozenset(TableName) if operation is None else operation.uses)
    if operation is None:
        refuse_first(case.findings)
        raise AssertionError("a case without an operation has a finding")
    question = operation.read(case.record("in", unnamed=True))
    refuse_first([*case.findings, *question.findings()])
    return operation, question.answer(tables)


def _read_heading(case: Fields, operation: Operation | None) -> None:
    """Note what is wrong with the keys around `in`: `currency` belongs to operations about money and to no other."""
    currencies = ANY_CURRENCY if operation is None else operation.currencies
    is_required = operation is not None and bool(currencies)
    case.keys(
        required=(*_REQUIRED, "currency") if is_required else _REQUIRED,
        optional=(*_OPTIONAL, "currency") if operation is None else _OPTIONAL,
        unused=() if currencies else ("currency",),
    )
    case.text("id", "")
    case.choice("currency", Currency, Currency.CNY, among=currencies or ANY_CURRENCY, code=ErrorCode.BAD_CURRENCY)


def _echo(value: object) -> str | None:
    return value if isinstance(value, str) else None
