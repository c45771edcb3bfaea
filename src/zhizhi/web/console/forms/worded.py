"""The base of the console's forms: bilingual labels and hints, Tabler's classes, refusals where they belong."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.intake.limits import MAP_BYTES_MAX

Choices = list[tuple[str, Text]]
Words = dict[str, Text]


class WordedForm(forms.Form):
    """A form whose words are `Text`; a subclass names them in `words` and, where needed, `hints`."""

    words: ClassVar[Words] = {}
    hints: ClassVar[Words] = {}
    use_required_attribute = True

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.language = language
        self.shapes: dict[str, str] = {}
        for name, bound in self.fields.items():
            if name in self.words:
                bound.label = self.words[name].in_language(language)
            if name in self.hints:
                bound.help_text = self.hints[name].in_language(language)
            bound.widget.attrs.setdefault("class", _class_of(bound.widget))
            self.shapes[name] = _shape_of(bound.widget)

    def offer(self, name: str, choices: Choices, *, empty: Text | None = None) -> None:
        """Fill a choice field in the reader's language."""
        written = [(code, text.in_language(self.language)) for code, text in choices]
        if empty is not None:
            written.insert(0, ("", empty.in_language(self.language)))
        bound = self.fields[name]
        assert isinstance(bound, forms.ChoiceField)
        bound.choices = written

    def refuse(self, refused: Refused) -> None:
        """Show a refusal of a use case at its field; nothing that was typed is lost."""
        place = getattr(refused, "field", None)
        self.add_error(place if place in self.fields else None, refused.text.in_language(self.language))

    def did(self, act: Callable[[], object]) -> bool:
        """Do what the form asks for; answers whether it was done. A refusal is shown at its field."""
        try:
            act()
        except Refused as refused:
            self.refuse(refused)
            return False
        return True

    def wrong(self, name: str, text: Text) -> None:
        """Show an error of this form at its field."""
        self.add_error(name, text.in_language(self.language))

    def mistake(self, text: Text) -> forms.ValidationError:
        """An error of the field that is being cleaned."""
        return forms.ValidationError(text.in_language(self.language))

    def octets_of(self, name: str, bytes_max: int) -> bytes:
        """The octets of a file that was brought; none where none was. Refuses: more of them than that."""
        brought = self.cleaned_data[name]
        if brought is None:
            return b""
        if brought.size > bytes_max:
            raise self.mistake(Text("文件过大", "the file is too large"))
        return bytes(brought.read())


class MapForm(WordedForm):
    """A form that brings a `map`: a TOML file that says which column is which."""

    def clean_map(self) -> str:
        """The text of the map; empty where none was brought."""
        try:
            return self.octets_of("map", MAP_BYTES_MAX).decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            raise self.mistake(Text("映射须为 UTF-8 文本", "the map has to be UTF-8 text")) from wrong


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return ""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def _shape_of(widget: forms.Widget) -> str:
    """How the template lays a field out: ticks of a group, a single tick, a full line, or one of two columns."""
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "full ticks"
    if isinstance(widget, forms.CheckboxInput):
        return "tick"
    return "full" if isinstance(widget, forms.Textarea) else ""


class MomentField(forms.DateTimeField):
    """A local date and time of the office, read as an aware instant."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """The instant, whatever zone the process runs in."""
        with timezone.override(ZoneInfo(BEIJING.key)):
            return super().to_python(value)


class DayField(forms.DateField):
    """A civil day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class YuanField(forms.DecimalField):
    """An amount typed in yuan, read as an integer of minor units."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=2, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "step": "0.01", "min": "0.01"})

    def clean(self, value: Any) -> Any:
        """Minor units; None where nothing was typed."""
        amount = super().clean(value)
        return None if amount is None else int(amount.scaleb(2))
