"""Forms of filings with carriers, and of wordings that are withdrawn."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.filings.words import STATES
from zhizhi.usecases.filings.recalling import REASON_CHARACTERS_MIN
from zhizhi.usecases.filings.recording import FILE_BYTES_MAX, NUMBER_CHARACTERS_MAX
from zhizhi.web.console.forms.ruling import BODY_CHARACTERS_MAX
from zhizhi.web.console.forms.worded import DayField, WordedForm, Words


class FilingForm(WordedForm):
    """One step of the filings of one thing with some carriers."""

    words: ClassVar[Words] = {
        "state": Text("进展", "Step"),
        "carriers": Text("运营商", "Carriers"),
        "on_day": Text("日期", "Day"),
        "number": Text("编号", "Number"),
        "expires_on": Text("有效至", "In force until"),
        "reason": Text("原因", "Reason"),
        "evidence": Text("凭证", "Evidence"),
        "file": Text("凭证文件", "File of the evidence"),
    }
    hints: ClassVar[Words] = {
        "state": Text(
            "「已通过」须另一人核准后才生效；其他进展即时生效",
            "an approval takes a second person before it counts; every other step counts at once",
        ),
        "on_day": Text("运营商受理、批复或撤销的日期", "the carrier's day of submission, answer or withdrawal"),
        "number": Text("「已通过」必填：运营商批复编号", "needed for an approval: the carrier's number"),
        "expires_on": Text("仅「已通过」填写；不填即长期有效", "for an approval only; empty: without an end"),
        "reason": Text("「被驳回」必填", "needed where it was rejected"),
        "evidence": Text(
            "批复存放处，如运营商后台单号、函件编号；「已提交」「已通过」必填。请勿写号码",
            "where the answer is kept: the provider's ticket, a letter's number; needed for submissions and approvals",
        ),
        "file": Text(
            f"只记录其 SHA-256，不存文件，至多 {FILE_BYTES_MAX >> 20} MB",
            f"only its SHA-256 is kept, not the file; at most {FILE_BYTES_MAX >> 20} MB",
        ),
    }
    state = forms.ChoiceField()
    on_day = DayField()
    carriers = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    number = forms.CharField(required=False, max_length=NUMBER_CHARACTERS_MAX)
    expires_on = DayField(required=False)
    evidence = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(required=False, max_length=200)
    file = forms.FileField(required=False)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("state", list(STATES.items()))
        self.offer("carriers", list(CARRIERS.items()))

    def clean_file(self) -> bytes:
        """Its octets; none where none was brought."""
        return self.octets_of("file", FILE_BYTES_MAX)


def _written() -> forms.CharField:
    return forms.CharField(max_length=BODY_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))


class WithdrawForm(WordedForm):
    """Why a wording must not leave any more."""

    words: ClassVar[Words] = {"reason": Text("停用原因", "Why it is withdrawn")}
    hints: ClassVar[Words] = {
        "reason": Text(
            f"至少 {REASON_CHARACTERS_MIN} 个字；停用后不可恢复，须另起新版本",
            f"at least {REASON_CHARACTERS_MIN} characters; it never comes back, a new version takes its place",
        )
    }
    reason = _written()


class FollowedUpForm(WordedForm):
    """What was done for those who had it."""

    words: ClassVar[Words] = {"followed_up": Text("如何处理", "What was done")}
    hints: ClassVar[Words] = {
        "followed_up": Text(
            "对已收到的人作了何种更正、说明或答复；如无须处理，写明理由",
            "the correction or answer for those who had it; where nothing was needed, why",
        )
    }
    followed_up = _written()
