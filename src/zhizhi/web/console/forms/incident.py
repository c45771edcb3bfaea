"""Forms of incidents: opening, how grave it is, a fact, an answer to a deadline."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.incidents.letters import GRADE_WORDS, KIND_WORDS
from zhizhi.usecases.incidents.working import PERSONS_MAX, Grave
from zhizhi.web.console.forms.worded import Choices, MomentField, WordedForm, Words

TEXT_CHARACTERS_MAX = 2000
Order = list[str] | tuple[str, ...] | None
GRAVE = ("grade", "persons", "is_danger", "is_public", "is_critical", "text")
EVERY_LENDER = Text("全部机构（本系统）", "every lender: the installation")
_LONG = forms.Textarea(attrs={"rows": 3})


class FactForm(WordedForm):
    """What became known, or was done."""

    words: ClassVar[Words] = {"text": Text("事实与措施", "Facts and measures")}
    hints: ClassVar[Words] = {"text": Text("勿写姓名与号码", "no names and no numbers")}
    text = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=_LONG)


class GraveForm(FactForm):
    """How grave it is."""

    words: ClassVar[Words] = {
        "grade": Text("等级", "Grade"),
        "persons": Text("涉及人数", "Persons concerned"),
        "is_danger": Text("可能危及人身、财产安全", "danger to persons or property"),
        "is_public": Text("危害国家安全或公共利益", "a risk to security or the public interest"),
        "is_critical": Text("关键信息基础设施", "critical information infrastructure"),
        **FactForm.words,
    }
    grade = forms.ChoiceField()
    persons = forms.IntegerField(min_value=0, max_value=PERSONS_MAX, initial=0)
    is_danger = forms.BooleanField(required=False)
    is_public = forms.BooleanField(required=False)
    is_critical = forms.BooleanField(required=False)
    field_order: list[str] | tuple[str, ...] | None = (
        "grade",
        "persons",
        "is_danger",
        "is_public",
        "is_critical",
        "text",
    )

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("grade", list(GRADE_WORDS.items()))

    def grave(self) -> Grave:
        """What was said of it."""
        said = self.cleaned_data
        return Grave(said["grade"], said["persons"], said["is_critical"], said["is_danger"], said["is_public"])


class OpenForm(GraveForm):
    """A new incident, or a drill."""

    words: ClassVar[Words] = {
        "is_drill": Text("这是演练", "this is a drill"),
        "lender": Text("金融机构", "Lender"),
        "kind": Text("类型", "Kind"),
        "known_at": Text("知悉时间（所有时限由此起算）", "Known since (every clock begins here)"),
        **GraveForm.words,
    }
    is_drill = forms.BooleanField(required=False)
    lender = forms.ChoiceField(required=False)
    kind = forms.ChoiceField()
    known_at = MomentField()
    field_order = (
        "is_drill",
        "lender",
        "kind",
        "known_at",
        "grade",
        "persons",
        "is_danger",
        "is_public",
        "is_critical",
        "text",
    )

    def __init__(self, language: Language, lenders: Choices, *args: Any, for_all: bool, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders, empty=EVERY_LENDER if for_all else None)
        self.offer("kind", list(KIND_WORDS.items()))


class AnswerForm(FactForm):
    """A filing, or why nothing was owed."""

    words: ClassVar[Words] = {
        "clock": Text("时限", "Deadline"),
        "answer": Text("答复", "Answer"),
        "reference": Text("报送编号或回执", "Reference of the filing"),
        "text": Text("内容；不需报送的写明依据", "What was told; or the ground why nothing was owed"),
    }
    clock = forms.ChoiceField()
    answer = forms.ChoiceField(widget=forms.RadioSelect)
    reference = forms.CharField(required=False, max_length=100)
    field_order = ("clock", "answer", "reference", "text")

    def __init__(self, language: Language, clocks: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("clock", clocks)
        answers: Choices = [
            ("filed", Text("已报送、已告知", "it was told")),
            ("not_owed", Text("不需报送", "not owed")),
        ]
        self.offer("answer", answers)
