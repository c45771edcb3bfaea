"""Forms of money that comes in: one arrival told by hand, a step with what waits, and a payment taken back."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.debt.remittance.authority import Step
from zhizhi.core.debt.remittance.claims import Found
from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.remittances.receiving import REFERENCE_CHARACTERS_MAX, WORDS_CHARACTERS_MAX
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words, YuanField

GROUND_CHARACTERS_MAX = 500
ACCOUNT_CHARACTERS_MAX = 64
_STEPS = (Step.POST, Step.SAME, Step.RETURN)


class ArrivalForm(WordedForm):
    """登记来款: what a branch, a link or a single bank line says."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "source": Text("来源", "Source"),
        "reference": Text("流水号", "Reference"),
        "amount": Text("金额（元）", "Amount in yuan"),
        "arrived_on": Text("到账日", "Day it came"),
        "account": Text("账户号", "Account"),
        "customer": Text("客户号", "Customer number"),
        "payer": Text("付款人", "Payer"),
        "remark": Text("附言", "Remark"),
    }
    hints: ClassVar[Words] = {
        "reference": Text("同一来源同一流水号只入一次", "the same reference of a source is posted once"),
        "account": Text(
            "留空则按附言、客户号匹配，否则等人处理", "empty: matched by remark or customer, or left to a person"
        ),
    }
    lender = forms.ChoiceField()
    source = forms.ChoiceField()
    reference = forms.CharField(max_length=REFERENCE_CHARACTERS_MAX)
    amount = YuanField()
    arrived_on = DayField()
    account = forms.CharField(max_length=ACCOUNT_CHARACTERS_MAX, required=False)
    customer = forms.CharField(max_length=ACCOUNT_CHARACTERS_MAX, required=False)
    payer = forms.CharField(max_length=WORDS_CHARACTERS_MAX, required=False)
    remark = forms.CharField(max_length=WORDS_CHARACTERS_MAX, required=False)

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("source", [(source.value, source.label) for source in Source])


class StepForm(WordedForm):
    """来款处理: on which debt it is put, that it is known, or that it goes back."""

    words: ClassVar[Words] = {
        "step": Text("办理", "Step"),
        "account": Text("账户号", "Account"),
        "ground": Text("依据", "Ground"),
    }
    hints: ClassVar[Words] = {
        "step": Text(
            "五千元以内的匹配一人可办；其余由第二人批准",
            "up to 5,000 yuan one person matches; anything else a second person approves",
        ),
        "account": Text("匹配入账时填写", "to be put on a debt"),
        "ground": Text("与谁、凭什么核对；请勿写姓名与号码", "checked with whom, by what; no names and numbers"),
    }
    step = forms.ChoiceField(widget=forms.RadioSelect)
    account = forms.CharField(max_length=ACCOUNT_CHARACTERS_MAX, required=False)
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("step", [(step.value, step.label) for step in _STEPS])


class BackForm(WordedForm):
    """冲正、退还溢缴款: always asked of a second person."""

    words: ClassVar[Words] = {
        "step": Text("办理", "Step"),
        "amount": Text("退还金额（元）", "Amount to refund in yuan"),
        "ground": Text("依据", "Ground"),
    }
    hints: ClassVar[Words] = {
        "amount": Text("仅退还溢缴款时填写，不超过溢缴款", "for a refund only, up to the surplus"),
        "ground": Text("提交后由第二人批准；请勿写姓名与号码", "a second person approves; no names and numbers"),
    }
    step = forms.ChoiceField(widget=forms.RadioSelect)
    amount = YuanField(required=False)
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("step", [(step.value, step.label) for step in (Step.REFUND, Step.REVERSE)])


class ClaimForm(WordedForm):
    """称已还款核对: what somebody found who looked."""

    words: ClassVar[Words] = {
        "found": Text("核对结果", "What was found"),
        "ground": Text("依据", "Ground"),
    }
    hints: ClassVar[Words] = {
        "ground": Text(
            "查了哪些流水、哪几天；请勿写姓名与号码。核对后停催解除，所欠照旧",
            "which records of which days; no names and numbers. The stop is lifted, and what is owed is owed as before",
        ),
    }
    found = forms.ChoiceField(widget=forms.RadioSelect)
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("found", [(found.value, found.label) for found in Found])
