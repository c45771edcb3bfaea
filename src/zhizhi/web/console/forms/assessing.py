"""The form of an impact assessment: its three answers, and how long it is in force."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.assessments.words import ACTIVITIES, DAYS_MAX
from zhizhi.usecases.assessments.act import ANSWERS
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

ANSWER_CHARACTERS_MAX = 2000


def _answer() -> forms.CharField:
    return forms.CharField(max_length=ANSWER_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))


class AssessmentForm(WordedForm):
    """An assessment to be approved by another person."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "activity": Text("活动", "Activity"),
        "days": Text("有效天数", "Days in force"),
        **ANSWERS,
    }
    lender = forms.ChoiceField()
    activity = forms.ChoiceField()
    days = forms.IntegerField(min_value=1, max_value=DAYS_MAX, initial=365)
    necessity = _answer()
    impact = _answer()
    measures = _answer()

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("activity", list(ACTIVITIES.items()))
