"""The form that asks on which ground a clear value is wanted."""

from collections.abc import Iterable
from typing import Any

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.unmasking.grounds import Ground
from zhizhi.web.console.forms.worded import WordedForm


class UnmaskForm(WordedForm):
    """One of the grounds that fit this value and this role; none is chosen beforehand."""

    words = {"ground": Text("理由", "Ground")}  # noqa: RUF012  as every form names its words

    ground = forms.ChoiceField()

    def __init__(self, language: Language, grounds: Iterable[Ground], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        offered = [(ground.value, ground.text.in_language(language)) for ground in grounds]
        nothing = ("", Text("请选择", "choose").in_language(language))
        self.fields["ground"].choices = [nothing, *offered]  # type: ignore[attr-defined]  # of a choice field
