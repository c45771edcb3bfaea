"""Closed lists of canaries that tables check and screens speak."""

from collections.abc import Mapping

from zhizhi.core.kernel.text import Text

EACH_TIME_MAX = 20  # of one request; the table of approvals keeps it, and the trigger counts to it
HOWS: Mapping[str, Text] = {
    "view": Text("打开页面", "opened the pages"),
    "unmask": Text("查看明文", "saw a clear value"),
    "search": Text("搜索命中", "found by a search"),
    "export": Text("导出", "taken away in an export"),
    "api": Text("接口读取", "read over the API"),
}
RULINGS: Mapping[str, Text] = {
    "explained": Text("已说明，属正常办理", "explained: ordinary work"),
    "incident": Text("作为事件处置", "is an incident"),
}
