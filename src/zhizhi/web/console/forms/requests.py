"""Forms of requests: what a debtor asks for, and an answer with its reasons."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.person_requests.words import ANSWERS, HOWS, KINDS
from zhizhi.web.console.forms.worded import WordedForm, Words

TEXT_CHARACTERS_MAX = 2000
CHOOSE = Text("请选择", "choose")


class RequestForm(WordedForm):
    """A request as it came in."""

    words: ClassVar[Words] = {
        "kind": Text("诉求类别", "What is asked for"),
        "how": Text("提出方式", "How it was said"),
        "text": Text("诉求与理由", "The request and its reasons"),
    }
    hints: ClassVar[Words] = {
        "text": Text("用客户的话写；号码、住址勿写在此", "in the debtor's words; no number and no address"),
    }
    kind = forms.ChoiceField()
    how = forms.ChoiceField()
    text = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("kind", list(KINDS.items()), empty=CHOOSE)
        self.offer("how", list(HOWS.items()), empty=CHOOSE)


class ReasonsForm(WordedForm):
    """An answer."""

    words: ClassVar[Words] = {
        "answer": Text("答复", "Answer"),
        "reasons": Text("理由（告知客户）", "Reasons, as the debtor is told"),
    }
    answer = forms.ChoiceField()
    reasons = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("answer", list(ANSWERS.items()), empty=CHOOSE)
