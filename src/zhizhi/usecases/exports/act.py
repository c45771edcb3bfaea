"""An export that takes two persons: one asks and takes the file, another approves what, how much and for whom."""

from collections.abc import Mapping
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.exports.words import DataClass, Kind
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change

DAYS = 2


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    kind, data_class, rows = Kind(request["kind"]), DataClass(request["class"]), request["rows"]
    what = request["what"]
    return (
        Change(Text("导出内容", "what is exported"), kind.text),
        Change(Text("对象", "of what"), Text(what["zh"], what["en"])),
        Change(Text("信息类别", "class of data"), data_class.text),
        Change(Text("条数", "records"), Text("{rows} 条", "{rows}").fill(rows=rows)),
        Change(Text("接收人", "for whom"), Text(request["recipient"], request["recipient"])),
    )


EXPORT = Act(
    code="export",
    text=Text("导出", "an export"),
    asks=Right.TAKE_EXPORT,
    approves=Right.APPROVE_EXPORT,
    tell=_tell,
    days=DAYS,
)
