"""Forms of commission: a rate card, the month to be stated, a line that is disputed, and the answer."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Language, Text
from zhizhi.core.placement.rate_card import TAIL_DAYS_MAX, RateCard, Tier, card_of_tiers
from zhizhi.store.commission.words import ANSWERS
from zhizhi.web.console.forms.targets import TargetField
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words

TIERS_MAX = 200
TIERS_CHARACTERS_MAX = 20_000
REASON_CHARACTERS_MAX = 500
MINOR_MAX = 10**15
COLUMNS = 5
_APART = re.compile(r"[\s,，;；|]+")
CURRENCY = "CNY"


def _month(first: date) -> tuple[str, Text]:
    return first.isoformat(), Text(f"{first:%Y-%m}", f"{first:%Y-%m}")


class CardForm(WordedForm):
    """A rate card, one tier a line."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "agency": Text("委外机构", "Agency"),
        "month": Text("自", "From"),
        "tail_days": Text("撤案后归属（天）", "Days after recall"),
        "base": Text("每月固定服务费（元）", "Fixed fee a month (yuan)"),
        "breach": Text("每项违规扣减（元）", "Off for a breach (yuan)"),
        "tiers": Text("费率，每行一档", "Rates, one tier a line"),
        "ground": Text("理由", "Ground"),
    }
    hints: ClassVar[Words] = {
        "tail_days": Text(
            "撤案、退案后若干日内的还款仍归该机构，除非已在他处",
            "money within so many days after a recall is still the agency's, unless another has the case",
        ),
        "base": Text(
            "信用卡业务不宜只按回款比例付佣（银监发〔2009〕60号）",
            "for cards, commission is not to be a share of recoveries alone (CBRC 2009-60)",
        ),
        "tiers": Text(
            "手别 账龄起（天） 余额起（元） 月回款起（元） 费率（%）；例：1 31 0 0 12.5。"
            "先看账龄再看余额，均以委案时为准；回款超过一档的部分按下一档计",
            "hand, from days, balance from (yuan), collected from (yuan), rate (%); such as: 1 31 0 0 12.5. Age first, "
            "then balance, both as placed; what is above a tier bears the next one",
        ),
    }
    lender = forms.ChoiceField()
    agency = forms.ChoiceField()
    month = forms.ChoiceField()
    tail_days = forms.IntegerField(min_value=0, max_value=TAIL_DAYS_MAX, initial=7)
    base = TargetField()
    breach = TargetField()
    tiers = forms.CharField(
        max_length=TIERS_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
    )
    ground = forms.CharField(max_length=REASON_CHARACTERS_MAX)

    def __init__(
        self, language: Language, lenders: Choices, agencies: Choices, months: Sequence[date], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("agency", agencies)
        self.offer("month", [_month(month) for month in months])

    def clean_tiers(self) -> list[tuple[int, int, int, Tier]]:
        """Every line as a tier; the first that is none is named."""
        lines = [line for line in self.cleaned_data["tiers"].splitlines() if line.strip()]
        if len(lines) > TIERS_MAX:
            raise self.mistake(Text(f"最多 {TIERS_MAX} 行", f"at most {TIERS_MAX} lines"))
        return [self._tier(n, line) for n, line in enumerate(lines, start=1)]

    def _tier(self, n: int, line: str) -> tuple[int, int, int, Tier]:
        try:
            cells = [Decimal(cell.removesuffix("%")) for cell in _APART.split(line.strip())]
            hand, from_days, *amounts = cells
            balance, collected, rate = (_hundredths(amount) for amount in amounts)
        except (InvalidOperation, ValueError):
            text = Text(
                f"第 {n} 行须为 {COLUMNS} 个数，金额与费率至多两位小数",
                f"line {n} has to be {COLUMNS} numbers, amounts and rates with two decimals at most",
            )
            raise self.mistake(text) from None
        if hand != int(hand) or from_days != int(from_days):
            raise self.mistake(Text(f"第 {n} 行的手别与账龄须为整数", f"hand and age of line {n} are whole numbers"))
        return int(hand), int(from_days), balance, Tier(collected, rate)

    def clean(self) -> dict[str, Any]:
        """The card; what it leaves open is told at its rates."""
        said = super().clean() or {}
        if "tiers" in said and "tail_days" in said:
            try:
                said["card"] = card_of_tiers(
                    said["tiers"],
                    tail_days=said["tail_days"],
                    base_minor=said.get("base") or 0,
                    breach_minor=said.get("breach") or 0,
                )
            except Refused as refused:
                self.add_error("tiers", refused.text.in_language(self.language))
        return said

    @property
    def card(self) -> RateCard:
        """What was typed."""
        card = self.cleaned_data["card"]
        assert isinstance(card, RateCard)
        return card


def _hundredths(amount: Decimal) -> int:
    """Yuan in fen, or per cent in hundredths of one; refuses what is finer, endless or below nought."""
    exact = amount * 100
    if not exact.is_finite() or exact != exact.to_integral_value() or not 0 <= exact <= MINOR_MAX:
        raise ValueError
    return int(exact)


class MonthForm(WordedForm):
    """Whose month is to be stated."""

    words: ClassVar[Words] = {
        "where": Text("委外机构", "Agency"),
        "month": Text("月份", "Month"),
    }
    where = forms.ChoiceField()
    month = forms.ChoiceField()

    def __init__(self, language: Language, places: Choices, months: Sequence[date], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("where", places)
        self.offer("month", [_month(month) for month in months])


class DisputeForm(WordedForm):
    """A line of a statement that is not agreed with."""

    words: ClassVar[Words] = {
        "item": Text("行号", "Line"),
        "reason": Text("分歧理由", "Reason"),
    }
    hints: ClassVar[Words] = {
        "item": Text("明细的行号；违规写 B 加编号", "its number; a breach is B and its number"),
    }
    item = forms.CharField(max_length=20)
    reason = forms.CharField(max_length=REASON_CHARACTERS_MAX)


class AnswerForm(WordedForm):
    """The lender's answer."""

    words: ClassVar[Words] = {
        "answer": Text("答复", "Answer"),
        "text": Text("答复理由", "Reason of the answer"),
    }
    answer = forms.ChoiceField()
    text = forms.CharField(max_length=REASON_CHARACTERS_MAX)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("answer", list(ANSWERS.items()), empty=Text("请选择", "choose"))
