"""The form of a wrap-up: one key chooses what came of the call, the step that usually follows is offered with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from zhizhi.core.followup.dispositions import CODE_OF_OUTCOME, DISPOSITIONS, usual_time
from zhizhi.core.kernel.text import Language, Text
from zhizhi.core.screening.personal import find_personal
from zhizhi.store.cases.reads import CaseHead, CodeRow, load_codes
from zhizhi.store.followup.calls import load_ended_call
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.recordings.reads import load_engine_facts
from zhizhi.store.viewer import reading
from zhizhi.usecases.followup.wrap_up import WrapUp
from zhizhi.web.console.forms.recording import (
    CHOOSE,
    SECONDS_MAX,
    TEXT_CHARACTERS_MAX,
    YES_NO,
    tomorrow_morning,
    yes_no,
)
from zhizhi.web.console.forms.worded import DayField, MomentField, WordedForm, Words, YuanField
from zhizhi.web.shared.written import local

KEYS = 9
MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Offered:
    """A disposition as the page shows it: its key, and the step and time that its choice fills in."""

    code: str
    text: Text
    key: int | None
    step: str
    at: str
    is_chosen: bool


class WrapForm(WordedForm):
    """小结: what came of it, and the next step with its time, both required."""

    words: ClassVar[Words] = {
        "disposition": Text("通话结果", "What came of it"),
        "promise_amount": Text("承诺还款金额（元）", "Promised amount (yuan)"),
        "promise_due_on": Text("承诺还款日", "Promised by"),
        "next_step": Text("下一步", "Next step"),
        "next_step_at": Text("时间", "At"),
        "talk_seconds": Text("通话时长（秒）", "Length of the talk in seconds"),
        "about_debt": Text("谈到了欠款", "The debt was spoken of"),
        "text": Text("催记", "Note"),
        "hide": Text("文字里的号码或地址：隐去后保存", "numbers and addresses in the text: hide them and save"),
    }
    hints: ClassVar[Words] = {
        "text": Text("请勿写电话、证件、卡号或地址", "no telephone, identity or card numbers and no addresses here")
    }
    disposition = forms.ChoiceField(widget=forms.RadioSelect)
    promise_amount = YuanField(required=False)
    promise_due_on = DayField(required=False)
    next_step = forms.ChoiceField()
    next_step_at = MomentField()
    talk_seconds = forms.IntegerField(required=False, min_value=0, max_value=SECONDS_MAX)
    about_debt = forms.ChoiceField(required=False)
    text = forms.CharField(required=False, max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    hide = forms.BooleanField(required=False)
    insists = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, language: Language, codes: list[CodeRow], at: datetime, *args: Any, is_measured: bool,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(language, *args, **kwargs)
        self._codes, self._at = codes, at
        named = {code.code: code.text for code in codes if code.list == "outcome"}
        self._named = {code: named[code] for code in DISPOSITIONS if code in named}
        self.offer("disposition", list(self._named.items()))
        steps = [(code.code, code.text) for code in codes if code.list == "next_step"]
        self.offer("next_step", steps, empty=CHOOSE)
        self.offer("about_debt", YES_NO, empty=Text("按结果", "as the outcome implies"))
        if is_measured:
            del self.fields["talk_seconds"]
        if not find_personal(self.data.get("text", "")):
            del self.fields["hide"]

    def dispositions(self) -> list[Offered]:
        """What there is to choose, in the order of the keyboard."""
        chosen = self["disposition"].value()
        return [
            Offered(code, text, n if n <= KEYS else None, DISPOSITIONS[code].next_step, self._usual(code),
                    code == chosen)
            for n, (code, text) in enumerate(self._named.items(), 1)
        ]  # fmt: skip

    def _usual(self, code: str) -> str:
        usual = usual_time(code, self._at)
        return local(usual).strftime(MOMENT) if usual is not None else ""

    def clean(self) -> dict[str, Any]:
        """A promise has both an amount and a day."""
        cleaned: dict[str, Any] = super().clean() or {}
        amount_minor, due_on = cleaned.get("promise_amount"), cleaned.get("promise_due_on")
        if amount_minor is not None and due_on is None and "promise_due_on" not in self.errors:
            self.wrong("promise_due_on", Text("承诺还款需要日期", "a promise needs its day"))
        if due_on is not None and amount_minor is None and "promise_amount" not in self.errors:
            self.wrong("promise_amount", Text("承诺还款需要金额", "a promise needs its amount"))
        return cleaned

    def command(self, head: CaseHead, permit_id: int, by: int) -> WrapUp:
        """What the form asks for; call it on a valid one."""
        said = self.cleaned_data
        amount_minor, due_on = said["promise_amount"], said["promise_due_on"]
        return WrapUp(
            person_id=head.person_id,
            case_id=head.id,
            permit_id=permit_id,
            disposition=said["disposition"],
            next_step=said["next_step"],
            next_step_at=said["next_step_at"],
            by=by,
            text=said["text"],
            promise=(amount_minor, due_on) if amount_minor is not None else None,
            talk_seconds=said.get("talk_seconds"),
            about_debt=yes_no(said["about_debt"]),
            insists=said["insists"] == said["disposition"],
            hide=said.get("hide", False),
        )

    def insist(self) -> None:
        """The next time this disposition is saved, whoever saves it has been told that the line differs."""
        self.data = {**{name: self.data.get(name) for name in self.data}, "insists": self.data.get("disposition")}


def wrap_form(desk: Desk, at: datetime, head: CaseHead, permit_id: int, data: QueryDict | None = None) -> WrapForm:
    """The form of a call, with what the line told of it chosen already; `data`: what was posted."""
    call = load_ended_call(head.person_id, permit_id)
    has_engine = load_engine_facts(head.person_id, permit_id) is not None
    with reading(desk.viewer):
        codes = load_codes()
    is_measured = has_engine or (call is not None and call.contact_id is not None)
    offered = CODE_OF_OUTCOME.get(call.line.outcome or "", "") if call is not None else ""
    usual = usual_time(offered, at) or tomorrow_morning(at)
    step = DISPOSITIONS[offered].next_step if offered else ""
    initial = {"next_step_at": usual, "next_step": step, "disposition": offered}
    return WrapForm(desk.language, codes, at, data, initial=initial, is_measured=is_measured)
