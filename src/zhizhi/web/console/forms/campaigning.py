"""The forms of campaigns: a new one, and a throttle."""

from datetime import time
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.campaigns.window import Window
from zhizhi.store.cases.reads import BUCKETS, CaseFilter
from zhizhi.usecases.campaigns.making import NAME_CHARACTERS_MAX, PURPOSES, RATE_MAX, MakeCampaign
from zhizhi.web.console.forms.narrowing import ANY, days_of_bucket
from zhizhi.web.console.forms.worded import Choices, DayField, WordedForm, Words
from zhizhi.web.shared import vocabulary

LIST_BYTES_MAX = 20 << 20
APART = "/"
MINUTES_PER_HOUR = 60


class ClockField(forms.TimeField):
    """A wall clock of the office, as minutes after midnight."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def clean(self, value: Any) -> Any:
        """Minutes after midnight."""
        told = super().clean(value)
        return told.hour * MINUTES_PER_HOUR + told.minute if isinstance(told, time) else None


class CampaignForm(WordedForm):
    """What is sent to whom, on which days and hours, and how fast."""

    words: ClassVar[Words] = {
        "name": Text("名称", "Name"),
        "template": Text("模板", "Wording"),
        "purpose": Text("目的", "Purpose"),
        "from_on": Text("自", "From"),
        "until_on": Text("至（含）", "To (inclusive)"),
        "opens": Text("每天从", "Each day from"),
        "closes": Text("每天到", "Each day to"),
        "per_second": Text("限速，条/秒", "Throttle, a second"),
        "stage": Text("阶段", "Stage"),
        "bucket": Text("逾期档", "Bucket"),
        "queue": Text("队列", "Queue"),
        "product": Text("产品", "Product"),
        "listed": Text("或上传名单", "Or bring a list"),
    }
    hints: ClassVar[Words] = {
        "template": Text("只列出已批准的消息模板", "approved messages only"),
        "per_second": Text("不填则只受渠道限速", "empty: only the provider's throttle"),
        "closes": Text("法定时段另行把关", "the law's own hours come on top"),
        "listed": Text(
            "文本或 CSV，每行第一列为案件号或账号；上传后不再看上面的筛选",
            "text or CSV, the first column a case or account number; the filters above then do not count",
        ),
    }
    name = forms.CharField(max_length=NAME_CHARACTERS_MAX)
    template = forms.ChoiceField()
    purpose = forms.ChoiceField()
    per_second = forms.IntegerField(required=False, min_value=1, max_value=RATE_MAX)
    from_on = DayField()
    until_on = DayField()
    opens = ClockField()
    closes = ClockField()
    stage = forms.ChoiceField(required=False)
    bucket = forms.ChoiceField(required=False)
    queue = forms.ChoiceField(required=False)
    product = forms.ChoiceField(required=False)
    listed = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt"}))

    def __init__(self, language: Language, wordings: Choices, queues: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("template", wordings)
        self.offer("purpose", [one for one in vocabulary.choices("purpose") if one[0] in PURPOSES])
        self.offer("bucket", [(bucket, days_of_bucket(bucket)) for bucket in BUCKETS], empty=ANY)
        self.offer("queue", queues, empty=ANY)
        for name in ("stage", "product"):
            self.offer(name, vocabulary.choices(name), empty=ANY)

    def clean_listed(self) -> str | None:
        """The text of the list; None where none was brought."""
        if self.cleaned_data["listed"] is None:
            return None
        try:
            return self.octets_of("listed", LIST_BYTES_MAX).decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            raise self.mistake(Text("名单须为 UTF-8 文本", "the list has to be UTF-8 text")) from wrong

    def command(self, by: int) -> MakeCampaign:
        """What is asked for; call it on a valid form."""
        given = self.cleaned_data
        lender, _, code = given["template"].partition(APART)
        return MakeCampaign(
            lender_id=int(lender),
            name=given["name"],
            template_code=code,
            purpose=given["purpose"],
            window=Window(given["from_on"], given["until_on"], given["opens"], given["closes"]),
            per_second=given["per_second"],
            chosen=CaseFilter(
                stage=given["stage"] or None,
                bucket=given["bucket"] or None,
                queue_id=int(given["queue"]) if given["queue"] else None,
                product=given["product"] or None,
            ),
            listed=given["listed"],
            by=by,
        )


class ThrottleForm(WordedForm):
    """How many messages a second from now on; empty is no throttle."""

    words: ClassVar[Words] = {"per_second": Text("条/秒，不填为不限", "a second, empty: none")}
    per_second = forms.IntegerField(required=False, min_value=1, max_value=RATE_MAX)
