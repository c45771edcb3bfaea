"""Forms of the register of outbound numbers."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.outbound.words import ADDED, CLOSING, LINE_CARRIERS, MARKS, STEPS
from zhizhi.usecases.outbound.keeping import DAILY_MAX, REST_DAYS_MAX
from zhizhi.web.console.forms.worded import DayField, WordedForm, Words

_CARRIER, _HOLDER, _CEILING = (
    Text("线路商", "Carrier"),
    Text("登记主体", "In whose name"),
    Text("每日上限", "Calls a day"),
)


class NumberForm(WordedForm):
    """A line that calls shall go out from."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "agency": Text("使用方", "Who calls from it"),
        "number": Text("外呼号码", "Outbound number"),
        "carrier": _CARRIER,
        "holder": _HOLDER,
        "daily_max": _CEILING,
    }
    hints: ClassVar[Words] = {
        "number": Text("含区号，只写数字", "with its area code, digits only"),
        "holder": Text("在线路商处实名登记的单位", "the company in whose name the carrier has it"),
        "daily_max": Text(
            f"一个自然日最多呼出多少次，至多 {DAILY_MAX}", f"at most so many calls a civil day; up to {DAILY_MAX}"
        ),
    }
    lender = forms.ChoiceField()
    agency = forms.ChoiceField(required=False)
    number = forms.CharField(max_length=30)
    carrier = forms.ChoiceField()
    holder = forms.CharField(max_length=100)
    daily_max = forms.IntegerField(min_value=1, max_value=DAILY_MAX)

    def __init__(
        self,
        language: Language,
        lenders: list[tuple[int, str]],
        agencies: list[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", [(str(code), Text(name, name)) for code, name in lenders])
        own = Text("本机构坐席", "the lender's own desks")
        self.offer("agency", [(code, Text(name, name)) for code, name in agencies], empty=own)
        self.offer("carrier", list(LINE_CARRIERS.items()))


class StepForm(WordedForm):
    """One step of a number."""

    words: ClassVar[Words] = {
        "kind": Text("事项", "What happened"),
        "filing_number": Text("批复编号", "Number of the filing"),
        "filed_until": Text("报备有效至", "Filed until"),
        "mark": Text("标记", "Mark"),
        "rest_days": Text("休息天数", "Days of rest"),
        "daily_max": _CEILING,
        "carrier": _CARRIER,
        "holder": _HOLDER,
        "evidence": Text("凭证", "Evidence"),
        "reason": Text("原因", "Reason"),
    }
    hints: ClassVar[Words] = {
        "kind": Text(
            "「报备有效」「提前结束休息」「恢复启用」「提高每日上限」须另一人核准后才生效；其他即时生效",
            "a filing that stands, the end of a rest or block and a higher ceiling take a second person; all else"
            " counts at once",
        ),
        "filed_until": Text(
            "仅「报备有效」填写，连同批复编号与凭证", "for a filing that stands, with number and evidence"
        ),
        "mark": Text("仅「被标记」填写；按标记自动休息", "where it was marked; it rests for the days of the mark"),
        "rest_days": Text(f"仅「休息」填写，1 至 {REST_DAYS_MAX}", f"for a rest, 1 to {REST_DAYS_MAX}"),
        "daily_max": Text("仅更正或提高上限时填写", "where it is corrected or raised"),
        "evidence": Text("存放处或函件编号；报备必填", "where it is kept; needed for filings"),
        "reason": Text(
            "标记、投诉、休息、停用、恢复等必填；勿写客户号码", "needed for all but filings; no customer's number"
        ),
    }
    kind = forms.ChoiceField()
    reason = forms.CharField(required=False, max_length=200)
    mark = forms.ChoiceField(required=False)
    rest_days = forms.IntegerField(required=False)
    filing_number = forms.CharField(required=False, max_length=60)
    filed_until = DayField(required=False)
    evidence = forms.CharField(required=False, max_length=200)
    daily_max = forms.IntegerField(required=False)
    carrier = forms.ChoiceField(required=False)
    holder = forms.CharField(required=False, max_length=100)

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(desk.language, *args, **kwargs)
        keeps, rests = desk.may(Right.KEEP_NUMBERS), desk.may(Right.REST_NUMBER)
        kinds = [
            (kind, text) for kind, text in STEPS.items() if kind != ADDED and (rests if kind in CLOSING else keeps)
        ]
        nothing = Text("不填", "none")
        self.offer("kind", kinds)
        self.offer("mark", list(MARKS.items()), empty=nothing)
        self.offer("carrier", list(LINE_CARRIERS.items()), empty=nothing)
