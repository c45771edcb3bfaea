"""The sign-in form."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.web.console.forms.worded import WordedForm, Words


class SignInForm(WordedForm):
    """Login and password."""

    words: ClassVar[Words] = {"login": Text("登录名", "Sign-in name"), "password": Text("密码", "Password")}
    login = forms.CharField(
        max_length=100, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class FirstPasswordForm(WordedForm):
    """The first password, twice."""

    words: ClassVar[Words] = {
        "wanted": Text("设置密码", "Choose a password"),
        "again": Text("再输一次", "Once more"),
    }
    hints: ClassVar[Words] = {
        "wanted": Text(
            "至少 12 个字符；几个互不相干的词最好记也最难猜",
            "at least 12 characters; several unrelated words are easy to keep and hard to guess",
        )
    }
    wanted = forms.CharField(
        max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, object]:
        """Both are the same."""
        said = super().clean() or {}
        if said.get("wanted") != said.get("again"):
            self.wrong("again", Text("两次输入不一致", "the two are not the same"))
        return said


class PasswordForm(FirstPasswordForm):
    """The present password and the next, twice."""

    words: ClassVar[Words] = {
        "present": Text("原密码", "Present password"),
        "wanted": Text("新密码", "New password"),
        "again": Text("再输一次新密码", "New password again"),
    }
    field_order = ("present", "wanted", "again")
    present = forms.CharField(
        max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class OfAnotherForm(WordedForm):
    """What is done to another member's sign-in, and on what ground."""

    words: ClassVar[Words] = {"act": Text("操作", "What"), "ground": Text("依据", "Ground")}
    hints: ClassVar[Words] = {
        "ground": Text("例如：本人持工牌到场核实", "such as: came in person with the staff card"),
    }
    act = forms.ChoiceField(widget=forms.RadioSelect)
    ground = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    ACTS: ClassVar[dict[str, Text]] = {
        "unlock": Text("解除锁定", "open a lock"),
        "end": Text("结束全部会话", "end all sessions"),
        "reset": Text("重置第二因素（下次登录重新设置）", "take the second factors away; the next sign-in enrols"),
    }

    def __init__(self, language: Language, offered: tuple[str, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("act", [(code, self.ACTS[code]) for code in offered])
