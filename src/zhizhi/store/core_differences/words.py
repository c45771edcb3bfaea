"""States of a difference, in words."""

from zhizhi.core.kernel.text import Text

OPEN, ASKED_CORE, ACCEPTED, AGREED = "open", "asked_core", "accepted", "agreed"
SUPERSEDED, SET_ASIDE = "superseded", "set_aside"
STATES = {
    OPEN: Text("待处理", "open"),
    ASKED_CORE: Text("已询核心系统", "asked the core"),
    ACCEPTED: Text("已按核心系统更正", "corrected to the core's figure"),
    AGREED: Text("后来的文件已一致", "a later file agrees"),
    SUPERSEDED: Text("后来的文件另有数", "a later file says another figure"),
    SET_ASIDE: Text("已说明，不作更正", "explained, nothing corrected"),
}
WAITING = (OPEN, ASKED_CORE)
HELD_BY = "claims_paid"
