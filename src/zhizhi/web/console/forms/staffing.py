"""Forms of staff: somebody new, another place, leaving, a ruling, a first password."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.lenders.changes import Place
from zhizhi.store.lenders.staff_reads import Places, StaffFilter
from zhizhi.store.words import STAFF_ROLES
from zhizhi.web.console.forms.worded import Choices, WordedForm, Words
from zhizhi.web.shared import vocabulary

EVERY = Text("不限（各机构）", "every lender")
NONE = Text("无（本机构人员）", "none: the lender's own")
ANY = Text("全部", "any")
ROLES: Choices = [(code, text) for code, text in vocabulary.choices("role") if code in STAFF_ROLES]
GROUND = Text("依据", "Ground")
GROUND_HINT = Text(
    "写入存证；例如：入职手续、调岗通知", "kept as evidence; such as: papers of joining, notice of a move"
)


class PlaceForm(WordedForm):
    """Role, lender, agency and team, and on what ground."""

    words: ClassVar[Words] = {
        "role": Text("角色", "Role"),
        "lender": Text("金融机构", "Lender"),
        "agency": Text("委外机构", "Agency"),
        "team": Text("班组", "Team"),
        "ground": GROUND,
    }
    hints: ClassVar[Words] = {"ground": GROUND_HINT}
    role = forms.ChoiceField()
    lender = forms.ChoiceField(required=False)
    agency = forms.ChoiceField(required=False)
    team = forms.CharField(required=False, max_length=60)
    ground = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, places: Places, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("role", ROLES)
        self.offer("lender", _named(places.lenders), empty=EVERY)
        self.offer("agency", _named(places.agencies), empty=NONE)

    def place(self) -> Place:
        """What was chosen; call it on a valid form."""
        said = self.cleaned_data
        return Place(said["role"], _id(said["lender"]), _id(said["agency"]), said["team"].strip())


class JoinForm(PlaceForm):
    """The same of somebody new."""

    words: ClassVar[Words] = {
        "login": Text("登录名（通常为工号）", "Sign-in name, usually the employee number"),
        "name": Text("姓名", "Name"),
        **PlaceForm.words,
    }
    login = forms.CharField(max_length=50)
    name = forms.CharField(max_length=60)
    field_order = ("login", "name", "role", "lender", "agency", "team", "ground")


class GroundForm(WordedForm):
    """An act that wants nothing but its ground."""

    words: ClassVar[Words] = {"ground": GROUND}
    ground = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class AddressForm(WordedForm):
    """Where a member is written to; empty: nowhere any more."""

    words: ClassVar[Words] = {"address": Text("工作邮箱", "Work e-mail address")}
    hints: ClassVar[Words] = {
        "address": Text("本单位域名下的邮箱；留空即删除", "a mailbox of the house; empty removes it")
    }
    address = forms.CharField(max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class StaffFilterForm(WordedForm):
    """What the list shows; every field may stay empty."""

    words: ClassVar[Words] = {
        "role": Text("角色", "Role"),
        "lender": Text("金融机构", "Lender"),
        "agency": Text("委外机构", "Agency"),
        "team": Text("班组", "Team"),
        "state": Text("状态", "State"),
    }
    role = forms.ChoiceField(required=False)
    lender = forms.ChoiceField(required=False)
    agency = forms.ChoiceField(required=False)
    team = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)

    def __init__(self, language: Language, places: Places, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("role", ROLES, empty=ANY)
        self.offer("lender", _named(places.lenders), empty=ANY)
        self.offer("agency", _named(places.agencies), empty=ANY)
        self.offer("team", [(team, Text(team, team)) for team in places.teams], empty=ANY)
        self.offer("state", vocabulary.choices("staff_state"), empty=ANY)
        for name, found in (("lender", places.lenders), ("agency", places.agencies), ("team", places.teams)):
            if not found:
                del self.fields[name]

    def narrowed(self) -> StaffFilter:
        """The filter; everything where the form does not hold."""
        said = self.cleaned_data if self.is_valid() else {}
        return StaffFilter(
            role=said.get("role", ""),
            lender_id=_id(said.get("lender", "")),
            agency_id=_id(said.get("agency", "")),
            team=said.get("team", ""),
            state=said.get("state", ""),
        )


class InvitationForm(WordedForm):
    """The code of an invitation."""

    words: ClassVar[Words] = {"code": Text("邀请码", "Invitation code")}
    hints: ClassVar[Words] = {
        "code": Text(
            "管理员交给您的那一串，大小写与空格不限", "as your administrator gave it; case and blanks do not matter"
        )
    }
    code = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-invitation": "", "spellcheck": "false"}),
    )


def _named(rows: list[tuple[int, str]]) -> Choices:
    return [(str(row_id), Text(name, name)) for row_id, name in rows]


def _id(written: str) -> int | None:
    return int(written) if written else None
