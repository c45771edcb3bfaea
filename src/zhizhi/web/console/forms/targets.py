"""The form of targets: a month, and an amount for each product."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.set_targets import SetTargets
from zhizhi.web.console.forms.worded import WordedForm, Words, YuanField
from zhizhi.web.shared import vocabulary

PRODUCTS = ("instalment_loan", "revolving_line", "credit_card")


def _in_yuan(product: str) -> Text:
    told = vocabulary.word("product", product)
    return Text(f"{told.zh}（元）", f"{told.en} (yuan)")


class TargetField(YuanField):
    """An amount that may be zero: then nothing is aimed at."""

    def __init__(self) -> None:
        super().__init__(required=False, min_value=0)
        self.widget.attrs["min"] = "0"


class TargetsForm(WordedForm):
    """What is wanted of a month; a product that is left empty keeps what stands."""

    words: ClassVar[Words] = {
        "month": Text("月份", "Month"),
        "instalment_loan": _in_yuan("instalment_loan"),
        "revolving_line": _in_yuan("revolving_line"),
        "credit_card": _in_yuan("credit_card"),
    }
    hints: ClassVar[Words] = {"month": Text("只能定本月及以后的", "this month or a later one")}
    month = forms.ChoiceField()
    instalment_loan = TargetField()
    revolving_line = TargetField()
    credit_card = TargetField()

    def __init__(self, language: Language, months: Sequence[date], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("month", [(month.isoformat(), Text(f"{month:%Y-%m}", f"{month:%Y-%m}")) for month in months])

    def command(self, lender_id: int, currency: str, standing: Mapping[str, int], by: int) -> SetTargets:
        """What is to be set: the amounts that differ from what stands."""
        typed = {product: self.cleaned_data[product] for product in PRODUCTS}
        changed = {
            product: minor
            for product, minor in typed.items()
            if minor is not None and minor != standing.get(product, 0)
        }
        return SetTargets(lender_id, date.fromisoformat(self.cleaned_data["month"]), currency, changed, by)
