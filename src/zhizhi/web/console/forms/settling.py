"""Forms of contacts whose end is in doubt: how one ended that nobody knew, with proof; what a comparison found."""

from pathlib import PurePath
from typing import Any, ClassVar

from django import forms

from zhizhi.core.conduct.words import CALL_OUTCOMES
from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.settle_unknown import FILE_BYTES_MAX, FILE_KINDS, MESSAGE_OUTCOMES, REFERENCE_CHARACTERS_MAX
from zhizhi.web.console.forms.ruling import BODY_CHARACTERS_MAX
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words
from zhizhi.web.shared import vocabulary

SAME_KIND = {"jpeg": "jpg"}


class SettlingForm(WordedForm):
    """It was sent, or it never left; what came of it, the ground, and a proof of somebody else's."""

    words: ClassVar[Words] = {
        "left": Text("认定", "Finding"),
        "outcome": Text("触达结果", "Outcome"),
        "ground": Text("依据", "Ground"),
        "reference": Text("证明：单号", "Proof: reference"),
        "file": Text("证明：文件", "Proof: file"),
    }
    hints: ClassVar[Words] = {
        "outcome": Text(
            "仅在已送出时选；不选则继续按“可能”计入",
            "only where it was sent; none chosen: it goes on counting as perhaps",
        ),
        "ground": Text(
            "至少 6 个字；核对了什么、为何这样定。请勿写号码",
            "at least 6 characters: what was compared, why so. No numbers",
        ),
        "reference": Text(
            "运营商账单行、渠道商消息编号、通话记录编号；加密保存。单号与文件至少一项",
            "a line of the carrier's bill, the provider's message id; kept sealed. A reference or a file is needed",
        ),
        "file": Text(
            f"{' '.join(FILE_KINDS)}，至多 {FILE_BYTES_MAX >> 20} MB；加密保存",
            f"{' '.join(FILE_KINDS)}, at most {FILE_BYTES_MAX >> 20} MB; kept sealed",
        ),
    }
    left = forms.ChoiceField(widget=forms.RadioSelect)
    outcome = forms.ChoiceField(required=False)
    ground = forms.CharField(max_length=BODY_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    reference = forms.CharField(required=False, max_length=REFERENCE_CHARACTERS_MAX)
    file = forms.FileField(
        required=False, widget=forms.FileInput(attrs={"accept": ",".join(f".{kind}" for kind in FILE_KINDS)})
    )

    def __init__(self, language: Language, channel: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        findings: Choices = [
            ("yes", Text("已送出：继续计入次数", "it was sent: it goes on counting")),
            ("no", Text("从未送出：归还许可，不再计入", "it never left: the permit is given back and counts no more")),
        ]
        self.offer("left", findings)
        codes = CALL_OUTCOMES if channel == "voice" else MESSAGE_OUTCOMES
        outcomes: Choices = [(code, vocabulary.word("outcome", code)) for code in codes]
        self.offer("outcome", outcomes, empty=Text("不知道", "not known"))

    def proof_file(self) -> tuple[bytes, str]:
        """The bytes of the file, one more than allowed at the most, and its kind by the ending of its name."""
        uploaded = self.cleaned_data["file"]
        if uploaded is None:
            return b"", ""
        kind = PurePath(uploaded.name).suffix.lower().lstrip(".")
        return uploaded.read(FILE_BYTES_MAX + 1), SAME_KIND.get(kind, kind)


class ComparingForm(WordedForm):
    """What came of a receipt that contradicts our records."""

    words: ClassVar[Words] = {"remark": Text("核对了什么、结果如何", "What was compared, and what was found")}
    hints: ClassVar[Words] = {
        "remark": Text("至少 6 个字。请勿写姓名与号码", "at least 6 characters. No names, no numbers"),
    }
    remark = forms.CharField(max_length=BODY_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))
