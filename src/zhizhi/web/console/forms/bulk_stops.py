"""Forms of bulk stops: whom they mean, from when until when, why; and why one ends early."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.bulk_stops.words import REASONS
from zhizhi.usecases.bulk_stops.setting import GROUND_CHARACTERS_MIN
from zhizhi.web.console.forms.worded import Choices, MomentField, WordedForm, Words
from zhizhi.web.shared import vocabulary

GROUND_CHARACTERS_MAX = 500
AREAS_CHARACTERS_MAX = 2_000
EVERY = Text("全部", "all")


class BulkStopForm(WordedForm):
    """批量停催."""

    words: ClassVar[Words] = {
        "reason": Text("原因", "Reason"),
        "lender": Text("金融机构", "Lender"),
        "agency": Text("委外机构", "Agency"),
        "product": Text("产品", "Product"),
        "channel": Text("渠道", "Channel"),
        "areas": Text("地区", "Areas"),
        "from_at": Text("开始", "From"),
        "until_at": Text("结束", "Until"),
        "ground": Text("理由", "Ground"),
    }
    hints: ClassVar[Words] = {
        "areas": Text(
            "每行一个：名称或行政区划代码，如「浙江省」「温州市」「330327」；留空为不限地区。所在地不明的客户一并停",
            "one a line, by name or code, such as 浙江省, 温州市 or 330327; empty: everywhere. Who lives nobody"
            " recorded where is stopped, too",
        ),
        "from_at": Text("留空即立即开始", "empty: at once"),
        "until_at": Text("到时自动解除，最长 31 天", "it ends by itself, after 31 days at most"),
        "ground": Text(
            f"至少 {GROUND_CHARACTERS_MIN} 个字，会写在每次拒绝里；请勿写号码",
            f"at least {GROUND_CHARACTERS_MIN} characters; every refusal cites it; no numbers here",
        ),
    }
    reason = forms.ChoiceField()
    lender = forms.ChoiceField(required=False)
    areas = forms.CharField(required=False, max_length=AREAS_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    agency = forms.ChoiceField(required=False)
    product = forms.ChoiceField(required=False)
    channel = forms.ChoiceField(required=False)
    from_at = MomentField(required=False)
    until_at = MomentField()
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, language: Language, lenders: Choices, agencies: Choices, *args: Any, of_one: bool, **kwargs: Any
    ) -> None:
        """`of_one`: whoever asks works for one lender and cannot mean every one."""
        super().__init__(language, *args, **kwargs)
        self.offer("reason", list(REASONS.items()))
        self.offer("lender", lenders, empty=None if of_one else EVERY)
        self.offer("agency", agencies, empty=EVERY)
        self.offer("product", vocabulary.choices("product"), empty=EVERY)
        self.offer("channel", vocabulary.choices("channel"), empty=EVERY)

    def clean_areas(self) -> tuple[str, ...]:
        """The lines that say something."""
        return tuple(line.strip() for line in self.cleaned_data["areas"].splitlines() if line.strip())


class LiftBulkStopForm(WordedForm):
    """提前解除."""

    words: ClassVar[Words] = {"ground": Text("提前解除的理由", "Why it ends early")}
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))


class ResidenceForm(WordedForm):
    """所在地."""

    words: ClassVar[Words] = {"division": Text("现居行政区", "Where they live now")}
    hints: ClassVar[Words] = {
        "division": Text(
            "名称或代码，知道多细写多细，如「温州市」「330327」；只记行政区，不写门牌",
            "by name or code, as exact as it is known, such as 温州市 or 330327; no street",
        )
    }
    division = forms.CharField(max_length=60)
