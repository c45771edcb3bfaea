"""Closed lists of assignment, with their words."""

from zhizhi.core.kernel.text import Text

KINDS = {
    "morning": Text("晨间分配", "morning"),
    "act": Text("人工分配", "by hand"),
    "reshuffle": Text("月末重新分配", "dealt anew"),
    "reflow": Text("即时流转", "reflow"),
    "undo": Text("撤销", "undo"),
}
SKILLS = {
    "queue": Text("队列培训", "schooled for a queue"),
    "language": Text("语言", "language"),
}
LANGUAGES = {
    "yue": Text("粤语", "Cantonese"),
    "wuu": Text("吴语", "Wu"),
    "nan": Text("闽南语", "Southern Min"),
    "hak": Text("客家话", "Hakka"),
    "bo": Text("藏语", "Tibetan"),
    "ug": Text("维吾尔语", "Uyghur"),
    "mn": Text("蒙古语", "Mongolian"),
    "ko": Text("朝鲜语", "Korean"),
    "en": Text("英语", "English"),
}
MAIN = Text("普通话", "Mandarin")
MAIN_LANGUAGE = "zh"
"""Every collector speaks it, and every debtor of whom nobody said otherwise."""
BARS = {
    "relative": Text("与客户有亲属关系", "a relative of the debtor"),
    "complained_of": Text("被该客户投诉", "the debtor complained of this collector"),
    "conflict": Text("其他利益冲突", "another conflict of interest"),
}
