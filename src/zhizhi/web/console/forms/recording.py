"""Forms of the case screen: what came of a call, a note, what somebody said, a stop, a payment."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.cases.reads import CodeRow
from zhizhi.store.debts.reads import DebtRow
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.people.reads import PartyRow
from zhizhi.usecases.record_note import SOURCES, ToldPoint
from zhizhi.usecases.start_call import RecordOutcome
from zhizhi.web.console.forms.worded import Choices, DayField, MomentField, WordedForm, Words, YuanField
from zhizhi.web.shared import vocabulary
from zhizhi.web.shared.written import amount, local

CHOOSE = Text("请选择", "choose")
CALL_OUTCOMES = (
    "conversation",
    "no_answer",
    "rejected",
    "busy",
    "not_in_service",
    "answered_dropped",
    "connected",
    "voicemail_limited",
    "voicemail_full",
)
TEXT_CHARACTERS_MAX = 2000
SECONDS_MAX = 6 * 3600
YES_NO: Choices = [("yes", Text("是", "yes")), ("no", Text("否", "no"))]


def yes_no(value: str) -> bool | None:
    """The answer to a question that may stay open."""
    return {"yes": True, "no": False}.get(value)


class OutcomeForm(WordedForm):
    """What came of a call."""

    words: ClassVar[Words] = {
        "outcome": Text("通话结果", "What came of it"),
        "talk_seconds": Text("通话时长（秒）", "Length of the talk in seconds"),
        "ring_seconds": Text("振铃时长（秒）", "Rang for, in seconds"),
        "line_result": Text("网络提示", "What the network said"),
        "exchanged": Text("双方都表达了意思", "Both sides said what they mean"),
        "about_debt": Text("谈到了欠款", "The debt was spoken of"),
    }
    outcome = forms.ChoiceField()
    talk_seconds = forms.IntegerField(required=False, min_value=0, max_value=SECONDS_MAX)
    exchanged = forms.ChoiceField(required=False)
    about_debt = forms.ChoiceField(required=False)
    ring_seconds = forms.IntegerField(required=False, min_value=0, max_value=600)
    line_result = forms.ChoiceField(required=False)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("outcome", [(code, vocabulary.word("outcome", code)) for code in CALL_OUTCOMES], empty=CHOOSE)
        self.offer("line_result", vocabulary.choices("line_result"), empty=Text("不清楚", "not known"))
        for name in ("exchanged", "about_debt"):
            self.offer(name, YES_NO, empty=Text("不清楚", "not known"))

    def said_of(self, person_id: int, permit_id: int, desk: Desk) -> RecordOutcome:
        """What the desk says came of a call."""
        said = self.cleaned_data
        return RecordOutcome(
            person_id=person_id,
            permit_id=permit_id,
            outcome=said["outcome"],
            ring_seconds=said.get("ring_seconds"),
            line_result=said.get("line_result") or None,
            talk_seconds=said.get("talk_seconds"),
            exchanged=yes_no(said["exchanged"]),
            about_debt=yes_no(said["about_debt"]),
            by=desk.staff_id,
        )


QUESTION = Text(
    "文字中像是有号码、账号或地址。是谁的、从哪里得来的？不属于联系方式的，请隐去",
    "the text seems to hold a number, a handle or an address; whose is it, and where from? help: hide what is no point",
)
FOUND_WORDS = {
    "hide": Text("隐去后保存", "hide it and save"),
    "point": Text("记为联系方式，并从文字中隐去", "keep it as a point of contact, and hide it here"),
}


class NoteForm(WordedForm):
    """催记: what was done, what came of it, and the next step, which is required with its time."""

    words: ClassVar[Words] = {
        "action": Text("行动码", "Action"),
        "outcome": Text("结果码", "Outcome"),
        "overdue_reason": Text("逾期原因", "Why overdue"),
        "text": Text("催记", "Note"),
        "promise_amount": Text("承诺还款金额（元）", "Promised amount (yuan)"),
        "promise_due_on": Text("承诺还款日", "Promised by"),
        "next_step": Text("下一步", "Next step"),
        "next_step_at": Text("下次跟进时间", "Next step at"),
    }
    hints: ClassVar[Words] = {
        "text": Text("请勿写电话、证件、卡号或地址", "no telephone, identity or card numbers and no addresses here")
    }
    action = forms.ChoiceField()
    outcome = forms.ChoiceField()
    overdue_reason = forms.ChoiceField(required=False)
    text = forms.CharField(required=False, max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    promise_amount = YuanField(required=False)
    promise_due_on = DayField(required=False)
    next_step = forms.ChoiceField()
    next_step_at = MomentField()
    contact_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, language: Language, codes: list[CodeRow], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        for name in ("action", "outcome", "overdue_reason", "next_step"):
            self.offer(name, [(code.code, code.text) for code in codes if code.list == name], empty=CHOOSE)

    def question(self, parties: list[PartyRow]) -> None:
        """Ask what to do with a number in the text: hide it, or whose it is and where from; before the form is read."""
        whose = [(str(party.id), _party(party)) for party in parties]
        for name, label, choices in (
            ("found", Text("文字里的号码或地址", "The number or address in the text"), list(FOUND_WORDS.items())),
            ("whose", Text("是谁的", "Whose it is"), whose),
            ("source", Text("从哪里得来", "Where from"), list(SOURCES.items())),
        ):
            self.fields[name] = forms.ChoiceField(required=name == "found", label=label.in_language(self.language))
            self.fields[name].widget.attrs["class"] = "form-select"
            self.shapes[name] = "full" if name == "found" else ""
            self.offer(name, choices, empty=CHOOSE)
        self.fields["found"].error_messages["required"] = QUESTION.in_language(self.language)
        asked_behind = list(self.fields).index("text") + 1
        names = [name for name in self.fields if name not in ("found", "whose", "source")]
        self.order_fields([*names[:asked_behind], "found", "whose", "source"])

    def clean(self) -> dict[str, Any]:
        """A promise has both an amount and a day."""
        cleaned: dict[str, Any] = super().clean() or {}
        amount_minor, due_on = cleaned.get("promise_amount"), cleaned.get("promise_due_on")
        if amount_minor is not None and due_on is None and "promise_due_on" not in self.errors:
            self.wrong("promise_due_on", Text("承诺还款需要日期", "a promise needs its day"))
        if due_on is not None and amount_minor is None and "promise_amount" not in self.errors:
            self.wrong("promise_amount", Text("承诺还款需要金额", "a promise needs its amount"))
        if cleaned.get("found") == "point":
            for name in [name for name in ("whose", "source") if not cleaned.get(name)]:
                self.wrong(name, Text("记为联系方式须写明", "a point of contact needs this"))
        return cleaned

    def told(self) -> ToldPoint | None:
        """Whose the number is, where the answer was to keep it as a point of contact."""
        said = self.cleaned_data
        return ToldPoint(int(said["whose"]), said["source"]) if said.get("found") == "point" else None


class StatementForm(WordedForm):
    """客户意愿: one form a kind; what the kind does not ask for is not shown."""

    words: ClassVar[Words] = {
        "party": Text("谁说的", "Who said it"),
        "amount": Text("已还金额（元）", "Amount paid (yuan)"),
        "on": Text("还款日", "Paid on"),
        "why": Text("原因", "Why"),
        "from_at": Text("从", "From"),
        "to_at": Text("到", "To"),
        "scope": Text("拒绝什么", "What is refused"),
    }
    party = forms.ChoiceField()
    amount = YuanField(required=False)
    on = DayField(required=False)
    why = forms.ChoiceField()
    from_at = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    to_at = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    scope = forms.ChoiceField()

    FIELDS: ClassVar[dict[str, tuple[str, ...]]] = {
        "claims_paid": ("party", "amount", "on"),
        "denies_debt": ("party", "why"),
        "complain": ("party",),
        "agree_hours": ("party", "from_at", "to_at"),
        "refuse": ("party", "scope"),
    }

    def __init__(self, language: Language, kind: str, parties: list[PartyRow], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.kind = kind
        for name in [name for name in self.fields if name not in self.FIELDS[kind]]:
            del self.fields[name]
        self.offer("party", [(str(party.id), _party(party)) for party in parties])
        if "why" in self.fields:
            self.offer("why", vocabulary.choices("denial"))
        if "scope" in self.fields:
            self.offer("scope", _scopes(parties))

    def statement(self) -> tuple[str, dict[str, object]]:
        """The kind and the extra keys of the contract; call it on a valid form."""
        said = self.cleaned_data
        if self.kind == "claims_paid":
            paid = {"amount_minor": said["amount"], "on": said["on"].isoformat() if said["on"] else None}
            return "claims_paid", {key: value for key, value in paid.items() if value is not None}
        if self.kind == "denies_debt":
            return "denies_debt", {"why": said["why"]}
        if self.kind == "agree_hours":
            hours = {"from": f"{said['from_at']:%H:%M}", "to": f"{said['to_at']:%H:%M}", "form": "specific"}
            return "agree_hours", dict(hours)
        if self.kind == "refuse":
            what, _, which = said["scope"].partition(":")
            return {
                "all": ("refuse_contact", {}),
                "channel": ("refuse_medium", {"channel": which}),
                "point": ("refuse_point", {"point": f"m{which}"}),
            }[what]
        return self.kind, {}


def _party(party: PartyRow) -> Text:
    role = vocabulary.word("party", party.role)
    return Text(f"{party.name} · {role.zh}", f"{party.name} · {role.en}")


def _scopes(parties: list[PartyRow]) -> Choices:
    scopes: Choices = [("all", Text("一切联系", "any contact"))]
    for channel in ("voice", "sms", "email", "letter", "visit"):
        name = vocabulary.word("channel", channel)
        scopes.append((f"channel:{channel}", Text(f"只拒绝{name.zh}", f"only {name.en}")))
    for party in parties:
        for point in party.points:
            words = Text(f"只拒绝 {point.masked}", f"only {point.masked}")
            scopes.append((f"point:{point.id}", words))
    return scopes


class StopForm(WordedForm):
    """申请停催."""

    words: ClassVar[Words] = {
        "kind": Text("原因", "Reason"),
        "debt": Text("债权", "Debt"),
        "ground": Text("依据", "Ground"),
        "until": Text("截止", "Until"),
    }
    hints: ClassVar[Words] = {
        "ground": Text("写明依据何种材料或陈述；请勿写号码", "what was shown or said; no numbers here"),
        "until": Text("不填则直到解除", "stays until lifted where empty"),
    }
    kind = forms.ChoiceField()
    debt = forms.ChoiceField(required=False)
    ground = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    until = MomentField(required=False)

    def __init__(self, language: Language, debts: list[DebtRow], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("kind", vocabulary.choices("stop"), empty=CHOOSE)
        self.offer("debt", [(str(debt.id), _debt(debt)) for debt in debts], empty=Text("全部债权", "all debts"))


class LiftForm(WordedForm):
    """解除停催."""

    words: ClassVar[Words] = {"ground": Text("解除依据", "Ground for lifting")}
    ground = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))


class PaymentForm(WordedForm):
    """还款登记."""

    words: ClassVar[Words] = {
        "debt": Text("债权", "Debt"),
        "amount": Text("金额（元）", "Amount (yuan)"),
        "paid_on": Text("还款日", "Paid on"),
        "reference": Text("银行流水号", "Reference of the bank"),
    }
    debt = forms.ChoiceField()
    amount = YuanField()
    paid_on = DayField()
    reference = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, language: Language, debts: list[DebtRow], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("debt", [(str(debt.id), _debt(debt)) for debt in debts])


def _debt(debt: DebtRow) -> Text:
    product, owed = vocabulary.word("product", debt.product), amount(debt.balance_minor, debt.currency)
    return Text(f"{product.zh} {debt.account} · {owed}", f"{product.en} {debt.account} · {owed}")


def tomorrow_morning(at: datetime) -> datetime:
    """What a form offers as the time of the next step: ten o'clock on the next day."""
    return local(at + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
