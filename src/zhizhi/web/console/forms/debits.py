"""Forms of direct debits: a mandate, its end, a batch, the living reserve, and a debit that somebody looks at."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.debits.words import SIGNED_HOWS
from zhizhi.usecases.debits.working import NUMBER_CHARACTERS_MAX
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words, YuanField

GROUND_CHARACTERS_MAX = 500
_GROUND = Text("依据", "Ground")
_NO_NAMES = Text("请勿写姓名与号码", "no names and no numbers")
AGAIN, LEAVE = "again", "leave"


def _ground() -> forms.CharField:
    return forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))


class MandateForm(WordedForm):
    """登记代扣授权: what the debtor signed."""

    words: ClassVar[Words] = {
        "debt": Text("债权", "Debt"),
        "token": Text("银行签约号", "The bank's token"),
        "tail": Text("账户后四位", "Last four digits of the account"),
        "paper": Text("授权书编号", "Number of the signed paper"),
        "signed_on": Text("签约日", "Signed on"),
        "signed_how": Text("签约方式", "How it was signed"),
        "limit_debit": Text("单笔限额（元）", "Limit of one debit, yuan"),
        "limit_day": Text("单日限额（元）", "Limit of a day, yuan"),
        "income": Text("月收入（元）", "Income of a month, yuan"),
        "from_on": Text("授权起", "In force from"),
        "until_on": Text("授权止", "Until"),
        "ground": _GROUND,
    }
    hints: ClassVar[Words] = {
        "token": Text(
            "银行对该账户的代号，不是账号；加密保存", "stands for the account, and is not its number; sealed"
        ),
        "income": Text(
            "客户所述；留空则不代扣，因无从知道要留多少生活必需费用",
            "as the debtor says; empty: nothing is drawn, for nobody knows what has to be left",
        ),
        "until_on": Text("留空为至撤销时止", "empty: until it is revoked"),
        "ground": Text("凭何登记；提交后由第二人批准", "on what; a second person approves"),
    }
    debt = forms.ChoiceField()
    signed_how = forms.ChoiceField()
    signed_on = DayField()
    paper = forms.CharField(max_length=NUMBER_CHARACTERS_MAX, required=False)
    token = forms.CharField(max_length=NUMBER_CHARACTERS_MAX)
    tail = forms.CharField(max_length=4, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    limit_debit = YuanField()
    limit_day = YuanField()
    income = YuanField(required=False)
    from_on = DayField()
    until_on = DayField(required=False)
    ground = _ground()

    def __init__(self, language: Language, debts: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("debt", debts)
        self.offer("signed_how", list(SIGNED_HOWS.items()), empty=Text("请选择", "choose"))


class GroundForm(WordedForm):
    """A ground alone."""

    words: ClassVar[Words] = {"ground": _GROUND}
    hints: ClassVar[Words] = {"ground": _NO_NAMES}
    ground = _ground()


class ReserveForm(WordedForm):
    """每月生活必需费用."""

    words: ClassVar[Words] = {
        "reserve": Text("每月留给客户（元）", "Left to each debtor a month, yuan"),
        "ground": _GROUND,
    }
    hints: ClassVar[Words] = {
        "reserve": Text("月收入减去它，才是一个月可扣的", "what comes in a month less this may be drawn in it"),
        "ground": Text("由第二人批准，自今日起", "a second person approves; from today on"),
    }
    reserve = YuanField()
    ground = _ground()


class LookForm(WordedForm):
    """What becomes of a debit that failed."""

    words: ClassVar[Words] = {"choice": Text("办理", "Step"), "ground": _GROUND}
    hints: ClassVar[Words] = {"ground": _NO_NAMES}
    choice = forms.ChoiceField(widget=forms.RadioSelect)
    ground = _ground()

    def __init__(self, language: Language, *args: Any, may_again: bool, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        leave = (LEAVE, Text("本期不再代扣", "no further debit for what is due now"))
        again = (AGAIN, Text("明日起再扣一次", "one more try from tomorrow"))
        self.offer("choice", [again, leave] if may_again else [leave])
