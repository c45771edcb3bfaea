"""What an assessment is of: a closed list, and the articles that ask for each before it begins."""

from zhizhi.core.kernel.text import Text

PLACEMENT, SCORING, SPEECH, VISITS = "placement", "scoring", "speech", "visits"
ACTIVITIES = {
    PLACEMENT: Text("委外（交外包机构催收）", "placement with agencies"),
    SCORING: Text("评分与自动化决策", "scoring and automated decisions"),
    SPEECH: Text("录音与语音处理", "recording and processing of speech"),
    VISITS: Text("外访", "visits"),
}
CONTACTS = {
    PLACEMENT: Text("委外机构在手案件的一切触达", "every contact on a case that is with an agency"),
    SCORING: Text("策略自动选人、定时的触达", "contacts whose person and hour a strategy chose"),
    SPEECH: Text("会被录音的通话", "calls that are recorded"),
    VISITS: Text("外访", "visits"),
}
"""The contacts that wait for it (usecases/assessments/needed.py)."""
CITES = {PLACEMENT: "PIPL 21, 55", SCORING: "PIPL 24, 55", SPEECH: "PIPL 28, 55", VISITS: "PIPL 28, 55"}
ID = "assessment."
"""With the activity after it: what decisions call the precondition by."""
DAYS_MAX = 366
