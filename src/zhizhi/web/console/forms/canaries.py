"""Forms of canaries: where and how many, and what an alarm was."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.canaries.words import EACH_TIME_MAX, RULINGS
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

TEXT_CHARACTERS_MAX = 500
CHOOSE = Text("请选择", "choose")
OWN_WORK = Text("本机构自营", "the lender's own cases")


class PlantForm(WordedForm):
    """A request to plant canaries, for another person of compliance."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "agency": Text("布设在", "Among the cases of"),
        "count": Text("份数", "How many"),
        "ground": Text("理由", "Ground"),
    }
    lender = forms.ChoiceField()
    agency = forms.ChoiceField(required=False)
    count = forms.IntegerField(min_value=1, max_value=EACH_TIME_MAX, initial=5)
    ground = forms.CharField(max_length=TEXT_CHARACTERS_MAX)

    def __init__(self, language: Language, lenders: Choices, agencies: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("agency", [("", OWN_WORK), *agencies])


class AlarmForm(WordedForm):
    """What compliance says of an alarm."""

    words: ClassVar[Words] = {
        "ruling": Text("处理", "It is"),
        "remark": Text("说明", "Why"),
    }
    hints: ClassVar[Words] = {
        "remark": Text(
            "勿写姓名与号码；作为事件处置时，这段话是事件的第一条事实，不要透露哪一份是诱饵",
            "no names and no numbers; of an incident it is the first fact: do not tell which case it was",
        )
    }
    ruling = forms.ChoiceField()
    remark = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("ruling", [("", CHOOSE), *RULINGS.items()])
