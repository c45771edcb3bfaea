"""For whom a file is taken, and why."""

from typing import ClassVar

from django import forms

from zhizhi.core.kernel.text import Text
from zhizhi.usecases.exports.taking import RECIPIENT_CHARACTERS_MAX
from zhizhi.usecases.free_text import TEXT_CHARACTERS_MAX
from zhizhi.web.console.forms.worded import WordedForm, Words


class ExportForm(WordedForm):
    """Recipient and ground; both are told in the file or its trace."""

    words: ClassVar[Words] = {
        "recipient": Text("接收人（姓名与单位）", "For whom (name and house)"),
        "ground": Text("理由", "Ground"),
    }
    hints: ClassVar[Words] = {
        "recipient": Text(
            "每个接收人单独导出、单独计数", "each recipient takes an export of their own, and is counted"
        ),
        "ground": Text("勿写客户姓名与号码", "no names or numbers of customers"),
    }
    recipient = forms.CharField(max_length=RECIPIENT_CHARACTERS_MAX)
    ground = forms.CharField(max_length=TEXT_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))
