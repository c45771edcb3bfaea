"""The two forms of the portal's way in: what names a person, and the code."""

from collections.abc import Mapping
from typing import Any

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.portal.entering import (
    BAD_NUMBER,
    BAD_REFERENCE,
    CODE_DIGITS,
    REFERENCE_CHARACTERS_MAX,
    WRONG_CODE,
    PortalRefused,
)

NUMBER_CHARACTERS_MAX = 24
FIELD_OF = {"bad_reference": "reference", "bad_number": "number", "wrong_code": "code"}


class EntryForm(forms.Form):
    """A form of the portal, which puts a refusal beside the field that it is about."""

    def __init__(self, language: Language, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, label_suffix="")
        self.language: Language = language

    def refuse(self, refused: PortalRefused) -> None:
        """Say why."""
        self.add_error(FIELD_OF.get(refused.code), refused.text.in_language(self.language))

    def _typed(self, zh: str, en: str, wrong: Text, most: int, **attributes: str) -> forms.CharField:
        said = wrong.in_language(self.language)
        return forms.CharField(
            label=Text(zh, en).in_language(self.language),
            max_length=most,
            widget=forms.TextInput(attrs=attributes),
            error_messages={"required": said, "max_length": said},
        )


class AskForm(EntryForm):
    """A number of the case or contract, and the own mobile number."""

    def __init__(self, language: Language, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(language, data)
        self.fields["reference"] = self._typed(
            "案件编号或合同编号", "Case or contract number", BAD_REFERENCE, REFERENCE_CHARACTERS_MAX, autocomplete="off"
        )
        self.fields["number"] = self._typed(
            "您的手机号", "Your mobile number", BAD_NUMBER, NUMBER_CHARACTERS_MAX, inputmode="tel", autocomplete="tel"
        )


class CodeForm(EntryForm):
    """The code of the message."""

    def __init__(self, language: Language, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(language, data)
        self.fields["code"] = self._typed(
            "短信验证码", "Code of the message", WRONG_CODE, CODE_DIGITS * 2,
            inputmode="numeric", autocomplete="one-time-code",
        )  # fmt: skip
