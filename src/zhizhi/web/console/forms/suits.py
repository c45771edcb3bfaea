"""Forms of court files: many opened at once, a step, a fee, a law firm."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.core.litigation.fees import FeeItem, FeeMove
from zhizhi.core.litigation.words import Lane, Step
from zhizhi.store.litigation.words import (
    BATCH_MAX,
    CLAIMS,
    COURT_CHARACTERS_MAX,
    DOCKET_CHARACTERS_MAX,
    FIRM_CHARACTERS_MAX,
)
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words, YuanField

NUMBERS_CHARACTERS_MAX = BATCH_MAX * 40
GROUND_CHARACTERS_MAX = 500
CHOOSE = Text("请选择", "choose")


class FilesForm(WordedForm):
    """建卷: one form for one case or many."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "lane": Text("程序", "Lane"),
        "court": Text("受理法院或机构", "Court or body"),
        "claim": Text("请求金额", "What is claimed"),
        "numbers": Text("案件编号", "Case numbers"),
        "has_arbitration_clause": Text("合同有仲裁条款", "The contracts have an arbitration clause"),
        "is_notarised": Text(
            "有强制执行效力的公证文书", "There is an enforceable notarised instrument with the debtor's promise"
        ),
        "interrupted_on": Text("时效中断日（有证据）", "Day of a proven interruption"),
    }
    hints: ClassVar[Words] = {
        "numbers": Text(
            f"每行一个，最多 {BATCH_MAX} 个；每笔逾期债权各建一卷",
            f"one a line, {BATCH_MAX} at most; each debt behind its day gets a file",
        ),
        "interrupted_on": Text(
            "留空则自最早欠款日起算三年，从严", "empty: three years from the first missed instalment, cautiously"
        ),
    }
    lender = forms.ChoiceField()
    lane = forms.ChoiceField()
    court = forms.CharField(max_length=COURT_CHARACTERS_MAX)
    claim = forms.ChoiceField()
    interrupted_on = DayField(required=False)
    numbers = forms.CharField(max_length=NUMBERS_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 6}))
    has_arbitration_clause = forms.BooleanField(required=False)
    is_notarised = forms.BooleanField(required=False)

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("lane", [(lane.value, lane.label) for lane in Lane])
        self.offer("claim", list(CLAIMS.items()))


class BatchStepForm(WordedForm):
    """整批办理: what happened to every file of a batch, and on which day; dockets differ, so none is asked for."""

    words: ClassVar[Words] = {
        "step": Text("步骤", "Step"),
        "on": Text("发生日期", "Day on which it happened"),
        "until_on": Text("所定日期", "Day that was named"),
        "docket": Text("案号", "Docket number"),
    }
    hints: ClassVar[Words] = {
        "until_on": Text(
            "补正截止、开庭、约定或判定的履行期限", "until when to correct, the hearing, the last day of payment"
        ),
        "docket": Text("法院编号，有则填", "of the court, where there is one"),
    }
    step = forms.ChoiceField()
    on = DayField()
    until_on = DayField(required=False)

    def __init__(self, language: Language, steps: tuple[Step, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("step", [(step.value, step.label) for step in steps], empty=CHOOSE)


class StepForm(BatchStepForm):
    """办理步骤: the same of one file, with the court's number."""

    docket = forms.CharField(max_length=DOCKET_CHARACTERS_MAX, required=False)


class FeeForm(WordedForm):
    """登记费用."""

    words: ClassVar[Words] = {
        "item": Text("费用项目", "Item"),
        "move": Text("办理", "What was done"),
        "amount": Text("金额（元）", "Amount in yuan"),
        "fee_on": Text("日期", "Day"),
        "ground": Text("依据", "Ground"),
    }
    hints: ClassVar[Words] = {
        "ground": Text(
            "超过标准或五千元的垫付、自行承担的，须写明并由第二人批准",
            "for advances above the scale or 5,000 yuan, and what is borne: a second person approves",
        ),
    }
    item = forms.ChoiceField()
    move = forms.ChoiceField()
    amount = YuanField()
    fee_on = DayField()
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, required=False)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("item", [(item.value, item.label) for item in FeeItem], empty=CHOOSE)
        self.offer("move", [(move.value, move.label) for move in FeeMove])


class GiveForm(WordedForm):
    """委派律所."""

    words: ClassVar[Words] = {"firm": Text("律师事务所", "Law firm")}
    firm = forms.ChoiceField()

    def __init__(self, language: Language, firms: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("firm", firms, empty=CHOOSE)


class FirmForm(WordedForm):
    """登记律所."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "name": Text("律师事务所", "Law firm"),
        "contract_ends_on": Text("合同到期日", "The contract ends on"),
    }
    lender = forms.ChoiceField()
    name = forms.CharField(max_length=FIRM_CHARACTERS_MAX)
    contract_ends_on = DayField()

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
