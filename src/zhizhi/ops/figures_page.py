"""`docs/reference/figures.md`: every figure of the overviews with its formula, from the code that counts it."""

from collections.abc import Iterator

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.every import COLLECTIONS, COMPLIANCE
from zhizhi.store.figures.figure import Figure, Ratio, Unit

_HEAD = """# 总览的数字 · Figures of the overviews

由 `make docs` 生成。每个数字都是一组明细的笔数、人数或金额，打开即可逐笔查看；
截至时刻与口径见 [0045](../decisions/0045-figures.md)。

Written by `make docs`. Each number is the count, the persons or the sum of its rows, and opens to them;
as of when, and why so: [0045](../decisions/0045-figures.md).
"""
_SECTIONS = (
    (Text("催收总览", "Collections"), COLLECTIONS),
    (Text("合规总览", "Compliance"), COMPLIANCE),
)
_UNITS = {Unit.ROWS: Text("笔", "rows"), Unit.PERSONS: Text("人", "persons"), Unit.MONEY: Text("金额", "amount")}


def figures_page() -> str:
    """The page."""
    return _HEAD + "".join("\n".join(_section(title, groups)) for title, groups in _SECTIONS)


def _section(title: Text, groups: dict[str, tuple[Figure | Ratio, ...]]) -> Iterator[str]:
    yield f"\n## {title.zh} · {title.en}\n"
    yield "| 数字 figure | 单位 unit | 算法 formula | 条款 article |"
    yield "| --- | --- | --- | --- |"
    for group in groups.values():
        for one in group:
            yield _line(one)
    yield ""


def _line(one: Figure | Ratio) -> str:
    name = f"{one.name.zh}<br>{one.name.en}"
    if isinstance(one, Ratio):
        unit, cites = Text("占比", "share") if one.is_share else Text("倍数", "quotient"), ""
    else:
        unit, cites = _UNITS[one.unit], one.cites
    return f"| {name} | {unit.zh} {unit.en} | {one.formula.zh}<br>{one.formula.en} | {cites} |"
