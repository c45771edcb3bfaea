"""The page of personal data: every field that holds some, its class, its form, who sees it, how long it is kept."""

from zhizhi.store.personal import Form, Held, Table, tables
from zhizhi.store.retention import FATES

HEAD = """# 个人信息登记 · The register of personal data

由 `make docs` 依各模型的声明生成；数据库多出一列未声明的，测试不通过。
类别依 JR/T 0171-2020；C3（鉴别信息）本系统一概不存。
密钥见 [keys.md](keys.md)，保存期限逐表见 [retention.md](retention.md)。

Written by `make docs` from the declarations of the models; a column of the database that none declares fails a test.
Classes are those of JR/T 0171-2020; C3, what authenticates, is never held. Keys: [keys.md](keys.md); how long each
table is kept: [retention.md](retention.md).

"""
COLUMNS = """
| 表.列 · column | 内容 · what | 类别 · class | 形式 · form | 谁可见 · who sees it | 依据 · retained as |
| --- | --- | --- | --- | --- | --- |
"""
WHY = "\n## 明文的理由 · Why some stand in the clear\n\n"
RECORDINGS = """
录音不在数据库内：以客户本人的密钥分块封存于对象存储，属 C2，按 `recording` 表的期限删除。

Recordings are no column: they lie in the object store, sealed in blocks under the person's key, are C2 and go with the
time of the table `recording`.
"""


def privacy_page() -> str:
    """The page."""
    found = [(table, column, held) for table in tables() for column, held in _held(table)]
    return HEAD + _counts(found) + COLUMNS + "".join(_row(*one) for one in found) + RECORDINGS + _reasons(found)


def _held(table: Table) -> list[tuple[str, Held]]:
    return list(table.personal.held.items()) if table.personal else []


def _counts(found: list[tuple[Table, str, Held]]) -> str:
    columns = sum(len(one.personal.free) + len(one.personal.held) for one in tables() if one.personal)
    lines = [f"| {form.words.zh} · {form.words.en} | {sum(one.form is form for _, _, one in found)} |" for form in Form]
    head = (
        f"{len(tables())} 张表，{columns} 列；含个人信息的 {len(found)} 列：\n\n"
        f"{len(tables())} tables, {columns} columns; {len(found)} of them hold personal data:\n\n"
    )
    return head + "| 形式 · form | 列 · columns |\n| --- | ---: |\n" + "\n".join(lines) + "\n"


def _row(table: Table, column: str, held: Held) -> str:
    records = ", ".join(f"`{record}`" for record in FATES[table.name].records) or "—"
    cells = (
        f"`{table.name}.{column}`",
        f"{held.what.zh} · {held.what.en}",
        held.pfi.words,
        f"{held.form.words.zh} · {held.form.words.en}",
        f"{held.shown.words.zh} · {held.shown.words.en}",
        records,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _reasons(found: list[tuple[Table, str, Held]]) -> str:
    by_reason: dict[str, list[str]] = {}
    for table, column, held in found:
        if held.why is not None:
            by_reason.setdefault(f"{held.why.zh}。\n  {held.why.en}", []).append(f"`{table.name}.{column}`")
    return WHY + "".join(f"* {reason}:\n  {', '.join(columns)}\n" for reason, columns in by_reason.items())
