"""The form of the pool: a month and an amount."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.relief.pool import SetPool
from zhizhi.web.console.forms.targets import TargetField
from zhizhi.web.console.forms.worded import WordedForm, Words


class PoolForm(WordedForm):
    """What may be waived in a month."""

    words: ClassVar[Words] = {
        "month": Text("月份", "Month"),
        "limit": Text("减免额度（元）", "Pool of relief (yuan)"),
    }
    month = forms.ChoiceField()
    limit = TargetField()

    def __init__(self, language: Language, months: Sequence[date], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.fields["limit"].required = True
        self.offer("month", [(month.isoformat(), Text(f"{month:%Y-%m}", f"{month:%Y-%m}")) for month in months])

    def command(self, lender_id: int, by: int) -> SetPool:
        """What is to be set."""
        said = self.cleaned_data
        return SetPool(lender_id, date.fromisoformat(said["month"]), "CNY", said["limit"], by)
