"""The form of a borrower's story: a few questions about him and the loan, and one small form for each contact."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.audit.borrower import CONTACTS_MAX, TIMES_MAX, Happened, Told
from zhizhi.web.portal import questions as q
from zhizhi.web.shared import vocabulary

_YES = {"yes": True, "no": False}


def _choice(asked: q.Asked, language: Language) -> forms.ChoiceField:
    choices = [(code, text.in_language(language)) for code, text in asked.choices]
    return forms.ChoiceField(label=asked.label.in_language(language), choices=choices, initial=asked.choices[0][0])


class AboutForm(forms.Form):
    """Who asks, about what kind of loan, and what he has said."""

    def __init__(self, language: Language, data: QueryDict | None) -> None:
        super().__init__(data, prefix="about", label_suffix="")
        for name, asked in q.ABOUT.items():
            self.fields[name] = _choice(asked, language)


class ContactForm(forms.Form):
    """One contact of a kind: only the questions that belong to it."""

    def __init__(self, kind: str, place: int, language: Language, data: Mapping[str, Any] | None, at: datetime) -> None:
        super().__init__(data, prefix=f"c{place}", label_suffix="", initial={"times": 1})
        self.kind, self.position, self.language = kind, place, language
        self.title = q.KINDS[kind].in_language(language)
        self._latest = at.astimezone(BEIJING)
        self.fields["day"] = forms.DateField(
            label=q.DAY.in_language(language),
            widget=forms.DateInput(attrs={"type": "date", "max": f"{self._latest:%Y-%m-%d}"}, format="%Y-%m-%d"),
            error_messages=_wrong(q.DAY_WRONG, language),
        )
        self.fields["clock"] = forms.TimeField(
            label=q.CLOCK.in_language(language),
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            error_messages=_wrong(q.CLOCK_WRONG, language),
        )
        self.fields["times"] = forms.IntegerField(
            label=q.TIMES.in_language(language),
            min_value=1,
            max_value=TIMES_MAX,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            error_messages={
                key: q.TIMES_WRONG.in_language(language) for key in ("required", "invalid", "min_value", "max_value")
            },
        )
        for name in q.ASKED_OF[kind]:
            self.fields[name] = _choice(q.ABOUT_CONTACT[name], language)
        if kind in q.WITH_CONTENT:
            self.fields["marks"] = forms.MultipleChoiceField(
                label=q.MARKS.in_language(language),
                required=False,
                choices=[(mark, text.in_language(language)) for mark, text in _marks()],
                widget=forms.CheckboxSelectMultiple(),
            )

    def clean(self) -> dict[str, Any]:
        """Refuses: a contact that lies in the future."""
        cleaned = super().clean() or self.cleaned_data
        day, clock = cleaned.get("day"), cleaned.get("clock")
        if day is not None and clock is not None and datetime.combine(day, clock, tzinfo=BEIJING) > self._latest:
            self.add_error("day", q.FUTURE.in_language(self.language))
        return cleaned

    def happened(self, about: Mapping[str, str]) -> Happened:
        """The contact in the fields of a log."""
        answers = self.cleaned_data
        found: dict[str, Any] = dict(_of_person(about))
        channel = {"message": "sms", "call": "voice"}.get(self.kind, self.kind)
        found["number"] = "own" if self.kind in ("call", "message") else None
        if self.kind == "others":
            channel = answers["by"]
            found |= {
                "role": answers["whom"],
                "wrong_number": False,
                "refused_before": _YES.get(answers["they_refused"]),
            }
            found["named_by_debtor"] = _YES.get(answers["named"]) if answers["whom"] == "contact" else False
        if "purpose" in answers:
            found["purpose"] = None if answers["purpose"] == "unknown" else answers["purpose"]
        if self.kind in q.WITH_CONTENT:
            found["marks"] = frozenset(answers["marks"])
        found |= _answered(answers)
        for name, field in q.FLAGS.items():
            if name in answers:
                found[field] = _YES.get(answers[name])
        if self.kind == "visit":
            found |= {"place": answers["place"], "team_size": {"one": 1, "more": 2}.get(answers["how_many"])}
        if found["role"] != "debtor":
            found.setdefault("purpose", "collect")
        at = datetime.combine(answers["day"], answers["clock"], tzinfo=BEIJING)
        return Happened(at, channel, answers["times"], found)


class StoryForm:
    """The whole page: the questions about the person, and a form for each contact that he told of."""

    def __init__(self, language: Language, data: QueryDict | None, at: datetime) -> None:
        self.language, self.data, self.at = language, data, at
        self.about = AboutForm(language, data)
        kinds = data.getlist("kind") if data is not None else ["call"]
        kinds = [kind for kind in kinds if kind in q.KINDS][:CONTACTS_MAX]
        step = (data.get("do") or "") if data is not None else ""
        self.is_asking = step == "answer"
        self.contacts = self._contacts(kinds, step)

    @property
    def may_add(self) -> bool:
        """Whether another contact may be told of."""
        return len(self.contacts) < CONTACTS_MAX

    def is_valid(self) -> bool:
        """Whether every question is answered; all forms are looked at, so that all errors show at once."""
        return all([self.about.is_valid(), *(contact.is_valid() for contact in self.contacts)]) and bool(self.contacts)

    def told(self) -> Told:
        """The story for the judge."""
        about = self.about.cleaned_data
        return Told(
            "" if about["lender"] == "unknown" else about["lender"],
            tuple(contact.happened(about) for contact in self.contacts),
            about["agreed"] == "no",
            about["asked_else"] == "no",
        )

    def _contacts(self, kinds: list[str], step: str) -> list[ContactForm]:
        """The forms as they were sent, one more or one fewer where a button asked for it."""
        kept = [(place, kind) for place, kind in enumerate(kinds) if step != f"remove-{place}"]
        forms_of = [ContactForm(kind, new, self.language, self._given(old, new), self.at) for new, (old, kind) in
                    enumerate(kept)]  # fmt: skip
        added = step.removeprefix("add-") if step.startswith("add-") else ""
        if added in q.KINDS and len(forms_of) < CONTACTS_MAX:
            forms_of.append(ContactForm(added, len(forms_of), self.language, None, self.at))
        return forms_of

    def _given(self, old: int, new: int) -> Mapping[str, Any] | None:
        """What was typed into a form, under its new place."""
        if self.data is None:
            return None
        given = QueryDict(mutable=True)
        for key in self.data:
            prefix, _, name = key.partition("-")
            if prefix == f"c{old}":
                given.setlist(f"c{new}-{name}", self.data.getlist(key))
        return given


def _of_person(about: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    who = about["who"]
    yield "role", {"stranger": "other"}.get(who, who)
    yield "wrong_number", who == "stranger"
    yield "named_by_debtor", {"contact": True, "stranger": False}.get(who)
    yield "refused_before", _YES.get(about["refused"])
    yield "complaint_open", about["complaint"] == "yes"
    yield "debt_state", None if about["debt"] == "unknown" else about["debt"]
    yield "debtor_state", None if about["state"] == "unknown" else about["state"]


def _answered(answers: Mapping[str, Any]) -> dict[str, Any]:
    """A call that was picked up and ended after some words counts; one of a few silent seconds does not."""
    match answers.get("answered"):
        case "talked":
            return {"outcome": "conversation", "talk_seconds": 30, "exchanged": True, "line_result": "answered"}
        case "hung_up":
            return {"outcome": "answered_dropped", "line_result": "answered"}
        case "missed":
            return {"outcome": "no_answer", "talk_seconds": 0, "line_result": "no_answer"}
        case "rejected":
            return {"outcome": "rejected", "talk_seconds": 0, "line_result": "rejected"}
    return {}


def _marks() -> list[tuple[str, Text]]:
    return [(mark, text) for mark, text in vocabulary.choices("mark") if mark in q.MARKS_ASKED]


def _wrong(text: Text, language: Language) -> dict[str, str]:
    return {"required": text.in_language(language), "invalid": text.in_language(language)}
