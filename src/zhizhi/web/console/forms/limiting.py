"""The form of another limit of clear values: for whom, within which hours, how many, and why."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.unmasking.grounds import HOURS_MAX, MOST_MAX, PER
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

GROUND_CHARACTERS_MAX = 500
OF = {
    "staff": Text("每名员工查看", "looks by a member of staff"),
    "person": Text("每位客户被查看", "looks at one person"),
}


class LimitForm(WordedForm):
    """A limit to be approved by another person."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "per": Text("计数对象", "Counted for"),
        "hours": Text("多少小时内", "Within how many hours"),
        "most": Text("至多几次", "At most"),
        "ground": Text("理由", "Why"),
    }
    lender = forms.ChoiceField()
    per = forms.ChoiceField()
    hours = forms.IntegerField(min_value=1, max_value=HOURS_MAX)
    most = forms.IntegerField(min_value=0, max_value=MOST_MAX)
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("per", [(per, OF[per]) for per in PER])
