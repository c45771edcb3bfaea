"""The form of what is true of a debt."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.consequence.words import Fact, Served
from zhizhi.core.kernel.text import Language, Text
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

EVIDENCE_CHARACTERS_MAX = 200
CHOOSE = Text("请选择", "choose")
SO: Choices = [("yes", Text("属实", "it is so")), ("no", Text("不属实", "it is not so"))]


class TruthForm(WordedForm):
    """A fact of a debt from a day on."""

    words: ClassVar[Words] = {
        "debt": Text("债权", "Debt"),
        "fact": Text("事实", "Fact"),
        "holds": Text("登记为", "On record as"),
        "on": Text("自何日起", "From which day"),
        "how": Text("告知的送达方式", "How the notice was served"),
        "evidence": Text("依据与凭证存放处", "Ground, and where the proof is kept"),
    }
    hints: ClassVar[Words] = {
        "how": Text("只有「报送前告知已送达」填写", "for the notice before adverse reporting alone"),
        "evidence": Text("如：征信报送台账第几册、短信回执编号；勿写姓名号码", "no name and no number of a person"),
    }
    debt = forms.ChoiceField()
    fact = forms.ChoiceField()
    holds = forms.ChoiceField(widget=forms.RadioSelect)
    on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    how = forms.ChoiceField(required=False)
    evidence = forms.CharField(max_length=EVIDENCE_CHARACTERS_MAX)

    def __init__(self, language: Language, debts: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("debt", debts)
        self.offer("fact", [(fact.value, fact.label) for fact in Fact], empty=CHOOSE)
        self.offer("holds", SO)
        self.offer("how", [(served.value, served.label) for served in Served], empty=CHOOSE)
