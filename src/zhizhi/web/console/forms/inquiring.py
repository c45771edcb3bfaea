"""Forms of a breach inquiry: what it was, whether that is accepted, or that it was a breach."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.rule_inquiry import ARTICLE_CHARACTERS_MAX, CONSEQUENCES, GROUNDS
from zhizhi.web.console.forms.worded import WordedForm, Words

TEXT_CHARACTERS_MAX = 2000


def _text(rows: int, *, required: bool = True) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(required=required, max_length=TEXT_CHARACTERS_MAX, widget=area)


class AnswerForm(WordedForm):
    """Why it is no breach, and what shows that."""

    prefix = "answer"
    words: ClassVar[Words] = {"ground": Text("理由", "Ground"), "proof": Text("证明", "What shows it")}
    hints: ClassVar[Words] = {
        "proof": Text(
            "看到了什么材料，存放在哪里；至少 6 个字，请勿写号码",
            "what was seen and where it lies: at least 6 characters, no numbers",
        )
    }
    ground = forms.ChoiceField()
    proof = _text(3)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("ground", list(GROUNDS.items()), empty=Text("请选择", "choose"))


class RuleAnswerForm(WordedForm):
    """A second person's word on an explanation."""

    prefix = "rule"
    words: ClassVar[Words] = {"ruling": Text("决定", "Ruling"), "text": Text("意见", "Words")}
    hints: ClassVar[Words] = {"text": Text("退回时必填", "needed to send it back")}
    ruling = forms.ChoiceField(widget=forms.RadioSelect)
    text = _text(2, required=False)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        rulings = [
            ("accept", Text("确认说明，不是违规", "accept: no breach")),
            ("send_back", Text("退回，继续核查", "send back: go on")),
        ]
        self.offer("ruling", rulings)


class BreachForm(WordedForm):
    """That it was a breach, of what, and what followed."""

    prefix = "breach"
    words: ClassVar[Words] = {
        "article": Text("条款", "Article"),
        "consequence": Text("处理", "Consequence"),
        "text": Text("经过与处理", "What happened, what was done"),
    }
    hints: ClassVar[Words] = {
        "article": Text("例如 GB/T 45251-2025 5.3", "for example GB/T 45251-2025 5.3"),
        "text": Text("至少 6 个字，请勿写号码", "at least 6 characters, no numbers"),
    }
    article = forms.CharField(max_length=ARTICLE_CHARACTERS_MAX)
    consequence = forms.ChoiceField()
    text = _text(3)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("consequence", list(CONSEQUENCES.items()), empty=Text("请选择", "choose"))
