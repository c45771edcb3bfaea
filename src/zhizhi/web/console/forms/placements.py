"""Forms of placements: a batch to be proposed, cases taken back or given back, and a later last day."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.placements.words import CASES_MAX, HAND_MAX, TERM_DAYS_MAX
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words, YuanField

GROUND_CHARACTERS_MAX = 500
CHOOSE = Text("请选择", "choose")
NUMBER_CHARACTERS_MAX = 40
DAYS_MAX = 9_999


def _ground() -> forms.CharField:
    return forms.CharField(max_length=GROUND_CHARACTERS_MAX)


def _number(**options: Any) -> forms.CharField:
    return forms.CharField(max_length=NUMBER_CHARACTERS_MAX, **options)


class BatchForm(WordedForm):
    """Which cases go to which agencies, in equal lots."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "agencies": Text("委外机构", "Agencies"),
        "hand": Text("手别", "Hand"),
        "term_days": Text("委案期（天）", "Term in days"),
        "days_from": Text("逾期天数，自", "Days past due, from"),
        "days_until": Text("逾期天数，至", "Days past due, until"),
        "yuan_from": Text("余额（元），自", "Balance in yuan, from"),
        "yuan_until": Text("余额（元），至", "Balance in yuan, until"),
        "most": Text("最多件数", "Cases at most"),
        "ground": Text("理由", "Ground"),
    }
    hints: ClassVar[Words] = {
        "agencies": Text("每家一份，件数与余额均等", "each gets a lot, equal by number and balance"),
        "hand": Text("须大于案件以往的手别", "has to be later than any hand that a case had"),
    }
    lender = forms.ChoiceField()
    agencies = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    hand = forms.IntegerField(min_value=1, max_value=HAND_MAX, initial=1)
    term_days = forms.IntegerField(min_value=1, max_value=TERM_DAYS_MAX, initial=90)
    days_from = forms.IntegerField(min_value=1, max_value=DAYS_MAX, initial=61)
    days_until = forms.IntegerField(min_value=1, max_value=DAYS_MAX, initial=180)
    yuan_from = YuanField(required=False)
    yuan_until = YuanField(required=False)
    most = forms.IntegerField(min_value=1, max_value=CASES_MAX, initial=CASES_MAX)
    ground = _ground()

    def __init__(self, language: Language, lenders: Choices, agencies: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        offered = self.fields["agencies"]
        assert isinstance(offered, forms.MultipleChoiceField)
        offered.choices = [(code, text.in_language(language)) for code, text in agencies]


class RecallForm(WordedForm):
    """撤案: one case, or all that an agency has of a lender."""

    words: ClassVar[Words] = {
        "where": Text("从哪家撤案", "Recall from"),
        "number": Text("案件编号", "Case number"),
        "ground": Text("理由", "Ground"),
    }
    hints: ClassVar[Words] = {
        "number": Text("留空为该机构全部案件", "empty: all cases of this agency"),
        "ground": Text(
            "即刻生效：机构再看不到案件，待发触达与租用一并收回",
            "at once: the agency sees the case no more, and what waits to leave is pulled back",
        ),
    }
    where = forms.ChoiceField()
    number = _number(required=False)
    ground = _ground()

    def __init__(self, language: Language, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("where", places, empty=CHOOSE)


class ReturnForm(WordedForm):
    """退案: the agency gives a case back."""

    words: ClassVar[Words] = {
        "number": Text("案件编号", "Case number"),
        "ground": Text("理由", "Ground"),
    }
    number = _number()
    ground = _ground()


class ExtendForm(WordedForm):
    """留案: a later last day."""

    words: ClassVar[Words] = {
        "number": Text("案件编号", "Case number"),
        "due_on": Text("新到期日", "New last day"),
        "ground": Text("理由", "Ground"),
    }
    number = _number()
    due_on = DayField()
    ground = _ground()
