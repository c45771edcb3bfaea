"""States of a review, and what may come of one."""

from zhizhi.core.kernel.text import Text

WAITING, DONE, APPEALED, UPHELD, CHANGED = "waiting", "done", "appealed", "upheld", "changed"
STATES = {
    WAITING: Text("待质检", "waits for its reviewer"),
    DONE: Text("已质检", "reviewed"),
    APPEALED: Text("申诉中", "appealed"),
    UPHELD: Text("申诉后维持", "upheld on appeal"),
    CHANGED: Text("申诉后改判", "changed on appeal"),
}
CONSEQUENCES = {
    "none": Text("不另处理", "nothing more"),
    "coaching": Text("辅导", "coaching"),
    "retraining": Text("停止触达，再培训", "no contacts until trained again"),
}
RETRAINING = "retraining"
"""Takes the day of the last training away: the law holds every contact of whoever is not known to be trained."""
