"""The form of a new calling campaign."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.campaigns.window import Window
from zhizhi.usecases.calling.making import MakeCalling
from zhizhi.usecases.campaigns.making import NAME_CHARACTERS_MAX
from zhizhi.web.console.forms.campaigning import APART, ClockField
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words

LIST_CHARACTERS_MAX = 2_000_000


class CallingForm(WordedForm):
    """Whom to ring, with which script, for which seats, from which numbers, on which days and hours."""

    words: ClassVar[Words] = {
        "name": Text("名称", "Name"),
        "script": Text("话术", "Script"),
        "from_on": Text("自", "From"),
        "until_on": Text("至（含）", "To (inclusive)"),
        "opens": Text("每天从", "Each day from"),
        "closes": Text("每天到", "Each day to"),
        "seats": Text("坐席", "Seats"),
        "lines": Text("外呼号码", "Outbound numbers"),
        "listed": Text("名单", "List"),
    }
    hints: ClassVar[Words] = {
        "name": Text("外呼系统以此名称取号", "the dialler asks under this name"),
        "closes": Text("法定时段另行把关", "the law's own hours come on top"),
        "seats": Text("本机构坐席的登录名，以空格或逗号分隔", "logins of own staff, apart by spaces or commas"),
        "lines": Text("不选即用本机构坐席的全部可用号码", "none: every number of the desks that stands"),
        "listed": Text("每行一个案件号或账号；每人只拨一次", "a case or account number a line, rung once"),
    }
    name = forms.CharField(max_length=NAME_CHARACTERS_MAX)
    script = forms.ChoiceField()
    from_on = DayField()
    until_on = DayField()
    opens = ClockField()
    closes = ClockField()
    seats = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}))
    listed = forms.CharField(max_length=LIST_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 5}))
    lines = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, language: Language, scripts: Choices, lines: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("script", scripts)
        self.offer("lines", lines)
        if not lines:
            del self.fields["lines"]

    def command(self, by: int) -> MakeCalling:
        """What is asked for; call it on a valid form."""
        given = self.cleaned_data
        lender, _, code = given["script"].partition(APART)
        return MakeCalling(
            lender_id=int(lender),
            name=given["name"],
            script=code,
            window=Window(given["from_on"], given["until_on"], given["opens"], given["closes"]),
            listed=given["listed"],
            seats=given["seats"],
            lines=tuple(int(one) for one in given.get("lines", ())),
            by=by,
        )
