"""Forms of objections to credit data."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.consequence.objections import ObjectionAnswer, ObjectionHow
from zhizhi.core.kernel.text import Language, Text
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

TEXT_CHARACTERS_MAX = 2000
CHOOSE = Text("请选择", "choose")


class ObjectionForm(WordedForm):
    """An objection as it came in."""

    words: ClassVar[Words] = {
        "debt": Text("债权", "Debt"),
        "how": Text("提出方式", "How it came in"),
        "text": Text("异议内容", "What is objected to"),
    }
    hints: ClassVar[Words] = {
        "text": Text("用客户的话写；号码、住址勿写在此", "in the debtor's words; no number and no address"),
    }
    debt = forms.ChoiceField()
    how = forms.ChoiceField()
    text = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, language: Language, debts: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("debt", debts)
        self.offer("how", [(how.value, how.label) for how in ObjectionHow], empty=CHOOSE)


class ObjectionAnswerForm(WordedForm):
    """What the check found."""

    words: ClassVar[Words] = {
        "answer": Text("核查结论", "What the check found"),
        "text": Text("书面答复（告知客户）", "The written answer"),
    }
    answer = forms.ChoiceField()
    text = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("answer", [(answer.value, answer.label) for answer in ObjectionAnswer], empty=CHOOSE)


class ReceiptForm(WordedForm):
    """Credit reporting's receipt."""

    words: ClassVar[Words] = {"receipt": Text("回执编号", "Receipt")}
    receipt = forms.CharField(max_length=60, required=False)
