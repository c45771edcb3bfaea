"""Forms of quality inspection: a draw, the marks of a review, an appeal, what comes of it."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.core.quality.marks import MARKS
from zhizhi.store.quality.words import CONSEQUENCES
from zhizhi.usecases.quality.drawing import DAYS_MAX
from zhizhi.usecases.quality.reviewing import SECOND_MAX
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words

WORDS_CHARACTERS_MAX = 1_000


def _said(*, required: bool = True) -> forms.CharField:
    return forms.CharField(required=required, max_length=WORDS_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))


class DrawForm(WordedForm):
    """抽样."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "from_on": Text("自", "From"),
        "until_on": Text("至", "Until"),
    }
    hints: ClassVar[Words] = {
        "until_on": Text(
            f"含当日，一次最多 {DAYS_MAX} 天；须已结束且其后存证日志已签署，每天只抽一次",
            f"included, {DAYS_MAX} days at most; over, with the log signed since; each day is drawn from once",
        )
    }
    lender = forms.ChoiceField()
    from_on = DayField()
    until_on = DayField()

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)


class MarksForm(WordedForm):
    """What was heard: a tick for each mark, its second, and words."""

    words: ClassVar[Words] = {"remark": Text("说明", "Remark")}
    hints: ClassVar[Words] = {
        "remark": Text(
            "扣分须写明听到什么；请勿写姓名、号码", "what was heard, where a mark is set; no names or numbers"
        )
    }
    remark = _said(required=False)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        for code, mark in MARKS.items():
            label = mark.text.in_language(language)
            seconds = Text("秒", "second").in_language(language)
            self.fields[f"mark_{code}"] = forms.BooleanField(required=False, label=label)
            self.fields[f"second_{code}"] = forms.IntegerField(
                required=False, min_value=0, max_value=SECOND_MAX, label=f"{label} · {seconds}"
            )
            self.fields[f"mark_{code}"].widget.attrs["class"] = "form-check-input"
            self.fields[f"second_{code}"].widget.attrs |= {"class": "form-control", "inputmode": "numeric"}

    def lines(self) -> list[tuple[Any, Any, Any]]:
        """Each mark with its tick and its second, for the page."""
        return [(mark, self[f"mark_{code}"], self[f"second_{code}"]) for code, mark in MARKS.items()]

    def marks(self) -> tuple[tuple[str, int | None], ...]:
        """The marks that are ticked."""
        said = self.cleaned_data
        return tuple((code, said[f"second_{code}"]) for code in MARKS if said[f"mark_{code}"])


class AppealForm(WordedForm):
    """申诉."""

    words: ClassVar[Words] = {"ground": Text("申诉理由", "Why it is wrong")}
    ground = _said()


class FollowForm(WordedForm):
    """处理."""

    words: ClassVar[Words] = {
        "consequence": Text("处理", "What comes of it"),
        "ground": Text("理由", "Ground"),
    }
    hints: ClassVar[Words] = {
        "consequence": Text(
            "再培训即刻停止其全部触达，直到人员文件登记新的培训日",
            "retraining holds every contact of theirs at once, until a staff file brings the new day of training",
        )
    }
    consequence = forms.ChoiceField()
    ground = _said()

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("consequence", list(CONSEQUENCES.items()))
