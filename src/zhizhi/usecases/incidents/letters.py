"""Letters about an incident, from its facts of the moment, in both languages.

Law: S.A-29 (PIPL 57): kinds of data, cause, harm that may follow, measures taken, what persons can do, whom to ask.
Boundary: nothing is sent; a drill says so in its first and last line.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.store.incidents.reads import IncidentRow
from zhizhi.usecases.incidents.clocks import TO, Clock

KIND_WORDS = {
    "leak": Text("个人信息泄露", "leak of personal information"),
    "tampering": Text("个人信息被篡改", "tampering with personal information"),
    "loss": Text("个人信息丢失", "loss of personal information"),
    "outage": Text("系统中断", "outage of the system"),
}
GRADE_WORDS = {
    "general": Text("一般", "general"),
    "larger": Text("较大", "larger"),
    "major": Text("重大", "major"),
    "extraordinary": Text("特别重大", "extraordinary"),
}
DRILL = Text("【演练，不得对外发送】", "[DRILL, NOT TO BE SENT]")
BLANK = Text("（请填写）", "(to be filled in)")


def letter(incident: IncidentRow, clock: Clock, at: datetime) -> Text:
    """The letter for one deadline. What the facts do not say is left to be filled in, and says so."""
    return Text("\n".join(_lines(incident, clock, at, "zh")), "\n".join(_lines(incident, clock, at, "en")))


def _lines(incident: IncidentRow, clock: Clock, at: datetime, language: str) -> list[str]:
    def say(text: Text) -> str:
        return text.zh if language == "zh" else text.en

    grave = incident.classified
    who = incident.lender or say(BLANK)
    known = [fact.text for fact in incident.facts if fact.kind in ("opened", "classified", "fact")]
    to_persons = clock.to == "persons"
    parts = [
        (Text("收件", "To"), say(TO[clock.to])),
        (Text("报送", "From"), who),
        (Text("事项", "About"), say(clock.what)),
        (Text("依据", "Under"), clock.article),
        (Text("事件类型", "Kind"), say(KIND_WORDS[incident.kind])),
        (Text("等级", "Grade"), "" if to_persons else say(GRADE_WORDS[grave["grade"]])),
        (Text("知悉时间", "Known since"), _moment(incident.known_at)),
        (Text("涉及人数", "Persons concerned"), "" if to_persons else f"{grave['persons']}"),
        (Text("涉及的信息种类", "Kinds of information"), say(BLANK)),
        (Text("原因与经过", "Cause and course"), say(BLANK) if to_persons else "\n".join(dict.fromkeys(known))),
        (Text("可能造成的危害", "Harm that may follow"), say(BLANK)),
        (Text("已采取的补救措施", "Measures taken"), say(BLANK)),
        (Text("个人可以采取的减轻危害的措施", "What persons can do"), say(BLANK) if to_persons else ""),
        (Text("联系方式", "Whom to ask"), say(BLANK)),
        (Text("日期", "Date"), _moment(at)),
    ]
    written = [
        f"{say(label)}：{value}" if language == "zh" else f"{label.en}: {value}" for label, value in parts if value
    ]
    return [say(DRILL), *written, say(DRILL)] if incident.is_drill else written


def _moment(at: datetime, zone: ZoneInfo = BEIJING) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M (UTC%z)")
