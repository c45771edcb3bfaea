"""The page that says of every table what it holds, how long, by which law, and what erases it then."""

from collections.abc import Iterator
from datetime import date

from zhizhi.core.law.duties import Kept as KeptByLaw
from zhizhi.core.law.duties import retention_of
from zhizhi.core.law.duty_words import RECORDS
from zhizhi.core.law.law import Law
from zhizhi.ops.law_duties import term_of
from zhizhi.store.retention import FATES, Declared, Fate, declared

ON = date(2026, 11, 1)
"""The day whose rules the page shows; the worker asks the law of its own day."""

HEAD = f"""# 保存多久，何时删除 · What is kept how long, and erased when

由 `make docs` 生成，按 {ON.isoformat()} 的规则。删除由 `zhizhi worker` 分批执行，时钟不可信时不删；
每次删除在存证日志中留一条。

Written by `make docs`, for the rules of {ON.isoformat()}. `zhizhi worker` erases in batches, never while its clock
is not trusted; every erasure leaves a leaf in the log.

* 录音：案件、债务、待核定、核查、投诉或异议未了结的一律保留；此后按各规则中最长的一项，期满次日删除。
  先在库与日志中写明删除，再删文件；中断后由下一轮继续。`zhizhi evidence fsck` 会说明“已于某日删除”，不报缺失。
  Recordings: kept while a case, debt, hold, inquiry, complaint or dispute is open; then by the longest rule, and
  erased on the day after its last. That it is erased is written first, into the database and the log,
  then the file goes; whoever comes next finishes what a process left. `zhizhi evidence fsck` says when it was erased.
* 上传的文件：读入后即删；未成功的，上传 30 天后删除。没有对应记录的文件（含录音目录）30 天后删除。
  Uploads: deleted once read; one that failed, 30 days after it came. Files that no row speaks of, recordings included:
  after 30 days.
* 浏览器会话（`django_session`，只有摘要与密文）：到期后一小时内删除，步骤 `erasing browser sessions`。
  Sessions of browsers (`django_session`, digests and sealed contents alone): within an hour of their end, by the step
  `erasing browser sessions`.
* “尚未实现”的，如实写明：这些数据在法定期限内不会被删，期满后须由人处理。
  Where erasing is not built yet, it says so: nothing goes before its time, and afterwards a person has to see to it.

| 表 · table | 个人信息 · personal data | 多久 · how long | 依据 · law | 到期 · then |
| --- | --- | --- | --- | --- |
"""
LAW_HEAD = """
## 依据 · Law

| 记录 · record | 规则 · rule | 期限 · time | 出处 · source |
| --- | --- | --- | --- |
"""


def retention_page(laws: list[Law]) -> str:
    """The page; a rule that several profiles share stands once."""
    rows = [_row(one, FATES[one.table]) for one in declared()]
    records = sorted({record for fate in FATES.values() for record in fate.records})
    law = [line for record in records for line in sorted(set(_rules(laws, record)))]
    return HEAD + "".join(rows) + LAW_HEAD + "".join(law)


def _row(one: Declared, fate: Fate) -> str:
    law = ", ".join(f"`{record}`" for record in fate.records) or "—"
    return f"| `{one.table}` | {_cell(one.pii)} | {_cell(one.retention)} | {law} | {_then(fate)} |\n"


def _then(fate: Fate) -> str:
    if fate.kept is not None:
        return f"{fate.kept.words.zh} · {fate.kept.words.en}"
    return f"后台步骤 · worker step `{fate.step}`"


def _rules(laws: list[Law], record: str) -> Iterator[str]:
    text = RECORDS[record]
    for law in laws:
        found = retention_of(law, record, ON)
        for kept in (*found.least, *found.most):
            what, source = f"`{record}` {text.zh} · {text.en}", _cell(kept.rule.cites)
            yield f"| {what} | `{kept.rule.id}` | {_term(kept)} | {source} |\n"


def _term(kept: KeptByLaw) -> str:
    term = term_of(kept.retain)
    whom = f" ({kept.retain.keeper})" if kept.retain.keeper else ""
    return f"{term.zh} · {term.en}{whom}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
