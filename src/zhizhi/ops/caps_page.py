"""The page that says of every rule about how often who holds it: the database as well, or the gate alone."""

from collections.abc import Iterator
from datetime import date

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.store.law.caps import READINGS, who_holds

ON = date(2026, 11, 1)
"""The day whose rules the page shows; the table of limits has every day's."""

HEAD = f"""# 谁守住次数上限 · Who holds which cap

由 `make docs` 生成。闸口守住全部规则；标明“数据库”的上限，绕过闸口的程序也越不过去
（[ADR 0031](../decisions/0031-caps-in-the-database.md)）。

Written by `make docs`, for the rules of {ON.isoformat()}. The gate holds every rule. Where the database
is named, it holds the cap besides, against code that goes around the gate.
"""

COLUMNS = "| 规则 · rule | 谁守住 · held by | 说明 · how, or why not |\n| --- | --- | --- |\n"


def caps_page(laws: list[Law]) -> str:
    """The page; a rule that several profiles share stands once."""
    parts = [HEAD]
    for reading, title in zip(READINGS, (Text("从严", "strict"), Text("从文", "text")), strict=True):
        parts.append(f"\n## {title.zh} · {title.en}\n\n{COLUMNS}")
        parts += sorted(set(_rows(laws, reading)))
    return "".join(parts)


def _rows(laws: list[Law], reading: str) -> Iterator[str]:
    for law in laws:
        for bound, holder, why in who_holds(law, reading, ON):
            yield f"| `{bound.rule.id}` | {holder.zh} · {holder.en} | {why.zh} · {why.en} |\n"
