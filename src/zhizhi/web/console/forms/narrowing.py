"""The filters of the worklist."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.cases.reads import BUCKETS, CaseFilter, Sort
from zhizhi.usecases.zones import days_as_span
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words
from zhizhi.web.shared import vocabulary
from zhizhi.web.shared.clock import today

ANY = Text("全部", "any")
SORTS: Choices = [
    (Sort.BALANCE, Text("欠款高到低", "highest balance")),
    (Sort.DAYS, Text("逾期多到少", "most days")),
    (Sort.NEXT, Text("跟进早到晚", "next step first")),
]
REASSIGN: Choices = [("yes", Text("待改派（催收员已离岗或调离）", "to be reassigned: the collector left or moved"))]
NEXT_STEPS: Choices = [("due", Text("已到期", "due by now")), ("today", Text("今天之内", "by the end of today"))]


def days_of_bucket(bucket: str) -> Text:
    """A bucket with its days."""
    first, last = BUCKETS[bucket]
    if first is None:
        return Text(f"{bucket} · 未逾期", f"{bucket} · not overdue")
    return Text(
        f"{bucket} · {first}{'–' + str(last) if last else '+'} 天",
        f"{bucket} · {first}{'–' + str(last) if last else '+'} days",
    )


class NarrowForm(WordedForm):
    """What the worklist shows; every field may stay empty."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "stage": Text("阶段", "Stage"),
        "bucket": Text("逾期档", "Bucket"),
        "queue": Text("队列", "Queue"),
        "collector": Text("催收员", "Collector"),
        "agency": Text("委外机构", "Agency"),
        "product": Text("产品", "Product"),
        "stop": Text("停催", "Stop"),
        "next": Text("下次跟进", "Next step"),
        "reassign": Text("改派", "Reassigning"),
        "sort": Text("排序", "Order"),
    }
    lender = forms.ChoiceField(required=False)
    stage = forms.ChoiceField(required=False)
    bucket = forms.ChoiceField(required=False)
    queue = forms.ChoiceField(required=False)
    collector = forms.ChoiceField(required=False)
    agency = forms.ChoiceField(required=False)
    product = forms.ChoiceField(required=False)
    stop = forms.ChoiceField(required=False)
    next = forms.ChoiceField(required=False)
    reassign = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(required=False)

    def __init__(self, language: Language, offered: dict[str, Choices], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        for name in ("lender", "queue", "agency", "collector"):
            self.offer(name, offered[name], empty=ANY)
            if len(offered[name]) < 2:  # a choice of one is no choice
                del self.fields[name]
        for name in ("stage", "product", "stop"):
            self.offer(name, vocabulary.choices(name), empty=ANY)
        self.offer("bucket", [(bucket, days_of_bucket(bucket)) for bucket in BUCKETS], empty=ANY)
        self.offer("next", NEXT_STEPS, empty=ANY)
        self.offer("reassign", REASSIGN, empty=ANY)
        self.offer("sort", SORTS)

    def narrowed(self, at: datetime) -> CaseFilter:
        """The filter; call it on a valid form."""
        chosen = {name: value or None for name, value in self.cleaned_data.items()}
        before = {"due": at, "today": days_as_span(today(at), today(at))[1]}.get(chosen.get("next") or "")
        ids = {name: int(chosen[name] or 0) for name in ("lender", "queue", "agency", "collector") if chosen.get(name)}
        return CaseFilter(
            lender_id=ids.get("lender"),
            stage=chosen["stage"],
            bucket=chosen["bucket"],
            queue_id=ids.get("queue"),
            collector_id=ids.get("collector"),
            agency_id=ids.get("agency"),
            product=chosen["product"],
            stop=chosen["stop"],
            next_step_before=before,
            needs_reassigning=chosen.get("reassign") == "yes",
        )

    def order(self) -> Sort:
        """The order of the rows."""
        return Sort(self.cleaned_data["sort"] or Sort.BALANCE)
