"""The form of a difference: corrected, asked about, or explained."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.core_differences.words import PARTS, Step
from zhizhi.web.console.forms.worded import WordedForm, Words

GROUND_CHARACTERS_MAX = 500


class DifferenceForm(WordedForm):
    """What becomes of a difference."""

    words: ClassVar[Words] = {
        "step": Text("办理", "Step"),
        "component": Text("增加在哪一项", "On which part it rises"),
        "ground": Text("依据", "Ground"),
    }
    hints: ClassVar[Words] = {
        "component": Text("核心系统余额较高而更正时选择", "only to correct upwards"),
        "ground": Text("与谁、凭什么核对；请勿写姓名与号码", "checked with whom, by what; no names and numbers"),
    }
    step = forms.ChoiceField(widget=forms.RadioSelect)
    component = forms.ChoiceField(required=False)
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, *args: Any, is_ours: bool, rises: bool, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        steps = [Step.ACCEPT, Step.ASK] if is_ours else [Step.ASK, Step.SET_ASIDE]
        self.offer("step", [(step.value, step.label) for step in steps])
        if rises and is_ours:
            self.offer("component", list(PARTS.items()), empty=Text("请选择", "choose"))
        else:
            del self.fields["component"]
