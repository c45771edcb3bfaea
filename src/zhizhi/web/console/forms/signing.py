"""The sign-in form."""

from typing import ClassVar

from django import forms

from zhizhi.core.kernel.text import Text
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
