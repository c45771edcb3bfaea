"""Forms of creditors: the register, a change, the proof of its notice."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.words import ChangeKind, CreditorKind
from zhizhi.core.kernel.text import Language, Text
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

CHOOSE = Text("请选择", "choose")
TEXT_CHARACTERS_MAX = 200
LINES_CHARACTERS_MAX = 60_000


class CreditorForm(WordedForm):
    """An institution that may hold debts."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "name": Text("债权人名称", "Name of the creditor"),
        "kind": Text("性质", "Kind"),
        "pay_to": Text("官方收款账户或渠道", "Official account or channel"),
    }
    lender = forms.ChoiceField()
    name = forms.CharField(max_length=60)
    kind = forms.ChoiceField()
    pay_to = forms.CharField(max_length=60)

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("kind", [(kind.value, kind.label) for kind in CreditorKind], empty=CHOOSE)


class ChangeForm(WordedForm):
    """A change of creditor of some debts."""

    words: ClassVar[Words] = {
        "lender": Text("账册所属机构", "Lender of the book"),
        "change": Text("变更事由", "Why"),
        "on": Text("合同或代偿日", "Day of the contract or payment"),
        "basis": Text("合同、凭证编号与另计依据", "Contract or receipt, and ground of what is added"),
        "lines": Text("债权与新债权人", "Debts and creditors"),
    }
    hints: ClassVar[Words] = {
        "lines": Text(
            "每行：案件编号,债权人,持有金额,另计利息费用（可不填）。几个债权人写几行；"
            "回购写「本机构」；案件有几笔债权的写 编号/债权序号",
            "a line: case,creditor,amount[,allowed]; several creditors are several lines; 本机构 is the lender itself",
        ),
    }
    lender = forms.ChoiceField()
    change = forms.ChoiceField()
    on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    basis = forms.CharField(max_length=TEXT_CHARACTERS_MAX)
    lines = forms.CharField(max_length=LINES_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("change", [(kind.value, kind.label) for kind in ChangeKind], empty=CHOOSE)


class NoticeForm(WordedForm):
    """Proof that the notice arrived."""

    words: ClassVar[Words] = {
        "served_on": Text("送达日", "Day it arrived"),
        "how": Text("送达方式", "How"),
        "evidence": Text("凭证存放处", "Where the proof is kept"),
    }
    served_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    how = forms.ChoiceField()
    evidence = forms.CharField(max_length=TEXT_CHARACTERS_MAX)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("how", [(served.value, served.label) for served in Served], empty=CHOOSE)
