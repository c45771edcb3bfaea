"""What an assessment is of: a closed list."""

from zhizhi.core.kernel.text import Text

PLACEMENT = "placement"
ACTIVITIES = {
    PLACEMENT: Text("委外（交外包机构催收）", "placement with agencies"),
    "scoring": Text("评分与自动化决策", "scoring and automated decisions"),
    "speech": Text("语音转写与分析", "speech to text, and its analysis"),
    "visits": Text("外访", "visits"),
}
DAYS_MAX = 366
