"""Forms of assignment: confirming a preview, days away, schooling, bars, reserved negotiations."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.assignment.queues import QUEUES
from zhizhi.store.assignment.words import BARS, LANGUAGES, MAIN, MAIN_LANGUAGE
from zhizhi.usecases.assignment.running import DIGEST_BYTES, read_digest
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words

TEXT_CHARACTERS_MAX = 400
CHOOSE = Text("请选择", "choose")
COLLECTOR = Text("催收员", "Collector")


class ConfirmForm(WordedForm):
    """The digest of the preview that is confirmed."""

    digest = forms.CharField(widget=forms.HiddenInput, min_length=2 * DIGEST_BYTES, max_length=2 * DIGEST_BYTES)

    def clean_digest(self) -> bytes:
        """As octets."""
        digest = read_digest(self.cleaned_data["digest"])
        if digest is None:
            raise self.mistake(Text("请重新预览", "help: look at the preview again"))
        return digest


class AbsenceForm(WordedForm):
    """Days on which a collector is away."""

    words: ClassVar[Words] = {
        "staff": COLLECTOR,
        "from_on": Text("首日", "First day"),
        "to_on": Text("末日", "Last day"),
    }
    hints: ClassVar[Words] = {"to_on": Text("含当日；不记事由", "this day included; the reason is not recorded")}
    staff = forms.ChoiceField()
    from_on = DayField()
    to_on = DayField()

    def __init__(self, language: Language, collectors: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("staff", [("", CHOOSE), *collectors])


class SkillForm(WordedForm):
    """What a collector was schooled for."""

    words: ClassVar[Words] = {"staff": COLLECTOR, "skill": Text("培训队列或语言", "Queue or language")}
    hints: ClassVar[Words] = {
        "skill": Text("未登记任何队列者可承接全部队列", "whoever has no queue recorded works all of them")
    }
    staff = forms.ChoiceField()
    skill = forms.ChoiceField()

    def __init__(self, language: Language, collectors: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("staff", [("", CHOOSE), *collectors])
        skills = [(f"queue:{code}", text) for code, text in QUEUES.items()]
        self.offer("skill", [("", CHOOSE), *skills, *((f"language:{code}", text) for code, text in LANGUAGES.items())])


class BarForm(WordedForm):
    """A collector who may not have this case."""

    words: ClassVar[Words] = {
        "staff": COLLECTOR,
        "ground": Text("事由", "Ground"),
        "remark": Text("说明", "Remark"),
    }
    hints: ClassVar[Words] = {"remark": Text("勿写姓名与号码", "no names and no numbers")}
    staff = forms.ChoiceField()
    ground = forms.ChoiceField()
    remark = forms.CharField(max_length=TEXT_CHARACTERS_MAX, required=False)

    def __init__(self, language: Language, collectors: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("staff", [("", CHOOSE), *collectors])
        self.offer("ground", [("", CHOOSE), *BARS.items()])


class ReserveForm(WordedForm):
    """Until when a negotiation stays with its collector."""

    words: ClassVar[Words] = {"until_on": Text("保留至", "Until"), "ground": Text("理由", "Ground")}
    hints: ClassVar[Words] = {"ground": Text("勿写姓名与号码", "no names and no numbers")}
    until_on = DayField()
    ground = forms.CharField(max_length=TEXT_CHARACTERS_MAX)


class LanguageForm(WordedForm):
    """What the debtor speaks."""

    words: ClassVar[Words] = {"spoken": Text("客户所用语言", "The debtor speaks")}
    spoken = forms.ChoiceField()

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("spoken", [(MAIN_LANGUAGE, MAIN), *LANGUAGES.items()])


class EndForm(WordedForm):
    """On what ground it ends."""

    words: ClassVar[Words] = {"ended_ground": Text("解除理由", "Ground")}
    ended_ground = forms.CharField(max_length=TEXT_CHARACTERS_MAX)
