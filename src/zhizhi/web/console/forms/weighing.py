"""The form that asks what other rules would have done."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.core.law.pack import Pack
from zhizhi.web.console.forms.worded import WordedForm, Words

ZIP_BYTES_MAX = 5 << 20
VALUE_MAX = 1_000_000
APART = "/"


class WeighForm(WordedForm):
    """A span of days, and one number of a pack to try or a whole pack as a zip."""

    words: ClassVar[Words] = {
        "parameter": Text("改动一个数值", "Change one number"),
        "value": Text("试算值", "Value to try"),
        "zipped": Text("或上传规则包（zip）", "Or bring a pack (zip)"),
        "since": Text("自", "From"),
        "until": Text("至（含）", "To (inclusive)"),
    }
    hints: ClassVar[Words] = {
        "zipped": Text("规则包文件夹压缩成 zip", "the pack's folder as a zip"),
        "parameter": Text("现行值写在括号里", "the value of today stands in brackets"),
    }
    parameter = forms.ChoiceField(required=False)
    value = forms.IntegerField(required=False, min_value=0, max_value=VALUE_MAX)
    since = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    until = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    zipped = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": ".zip"}))

    def __init__(self, language: Language, packs: list[Pack], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        choices = [
            (
                f"{pack.id}{APART}{name}",
                Text(
                    f"{pack.title.zh} · {parameter.text.zh}（{parameter.values[-1].value}）",
                    f"{pack.title.en} · {parameter.text.en} ({parameter.values[-1].value})",
                ),
            )
            for pack in packs
            for name, parameter in sorted(pack.params.items())
        ]
        self.offer("parameter", choices, empty=Text("不改动，上传规则包", "none: I bring a pack"))

    def clean_zipped(self) -> bytes | None:
        """The octets of the zip; None where none was brought."""
        return self.octets_of("zipped", ZIP_BYTES_MAX) or None

    def clean(self) -> dict[str, Any]:
        """A number needs its value; one of the two ways has to be taken."""
        given = super().clean() or self.cleaned_data
        if given.get("parameter") and given.get("value") is None and "value" not in self.errors:
            self.wrong("value", Text("请填写试算值", "write the value to try"))
        if not given.get("parameter") and given.get("zipped") is None and "zipped" not in self.errors:
            self.wrong("parameter", Text("请选择一个数值，或上传规则包", "choose a number, or bring a pack"))
        return given
