"""Forms of those who rule: a hold, a wording, a strategy."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms

from zhizhi.core.consequence.words import Claim
from zhizhi.core.kernel.text import Language, Text
from zhizhi.web.console.forms.worded import Choices, MomentField, WordedForm, Words
from zhizhi.web.shared import vocabulary
from zhizhi.web.shared.written import local

BODY_CHARACTERS_MAX = 2000
TABLE_CHARACTERS_MAX = 60_000
CHANNELS = ("voice", "sms", "email", "letter", "visit")


class RulingForm(WordedForm):
    """What somebody rules on a hold."""

    words: ClassVar[Words] = {
        "ruling": Text("核定", "Ruling"),
        "ground": Text("依据", "Ground"),
        "until": Text("放行截止", "Released until"),
        "channels": Text("放行的渠道", "Released channels"),
    }
    hints: ClassVar[Words] = {
        "ground": Text(
            "至少 6 个字；看到了什么材料、为何这样定。请勿写号码",
            "at least 6 characters: what was seen, why so. No numbers",
        ),
        "until": Text("放行必填，最长 30 天；拒绝不用填", "needed for a release, at most 30 days"),
        "channels": Text("不选则为全部渠道", "none ticked: every channel"),
    }
    ruling = forms.ChoiceField(widget=forms.RadioSelect)
    ground = forms.CharField(max_length=BODY_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    until = MomentField(required=False)
    channels = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        rulings: Choices = [
            ("release", Text("放行：到截止时间为止，这条规则不再拦", "release: until then this rule does not hold")),
            ("refuse", Text("拒绝：不联系", "refuse: no contact")),
        ]
        self.offer("ruling", rulings)
        self.offer("channels", [(channel, vocabulary.word("channel", channel)) for channel in CHANNELS])


class TemplateForm(WordedForm):
    """A new wording of a template; what it is called and where it goes is settled with its first version."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "code": Text("模板代码", "Code"),
        "name": Text("名称", "Name"),
        "channel": Text("渠道", "Channel"),
        "kind": Text("类别", "Class"),
        "subject": Text("主题", "Subject"),
        "body": Text("正文", "Wording"),
        "discloses_debt": Text("内容会透露欠款", "It discloses the debt"),
        "is_screened": Text("我已按标记清单逐项筛查", "I screened it against the list of marks"),
        "marks": Text("筛查到的标记", "Marks found"),
        "claims": Text(
            "另外声明的后果断言（正文写到的自动认出）", "Consequences it claims besides those its words show"
        ),
        "provider_template": Text("运营商报备编号", "Carrier's template id"),
    }
    lender = forms.ChoiceField()
    code = forms.SlugField(max_length=60)
    name = forms.CharField(max_length=100)
    channel = forms.ChoiceField()
    kind = forms.ChoiceField()
    subject = forms.CharField(required=False, max_length=200)
    body = forms.CharField(max_length=BODY_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 6}))
    discloses_debt = forms.BooleanField(required=False)
    is_screened = forms.BooleanField(required=False)
    marks = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    claims = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    provider_template = forms.CharField(required=False, max_length=60)

    def __init__(self, language: Language, lenders: Choices, variables: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)
        self.offer("channel", [(channel, vocabulary.word("channel", channel)) for channel in CHANNELS])
        self.offer("kind", vocabulary.choices("template_kind"))
        self.offer("marks", vocabulary.choices("mark"))
        self.offer("claims", [(claim.value, claim.label) for claim in Claim])
        hint = Text(f"可用变量：{variables}", f"variables: {variables}")
        self.fields["body"].help_text = hint.in_language(language)


class StrategyForm(WordedForm):
    """A new version of a strategy, as TOML."""

    words: ClassVar[Words] = {
        "lender": Text("金融机构", "Lender"),
        "body": Text("决策表（TOML）", "Decision table (TOML)"),
    }
    lender = forms.ChoiceField()
    body = forms.CharField(
        max_length=TABLE_CHARACTERS_MAX,
        widget=forms.Textarea(attrs={"rows": 24, "class": "form-control font-monospace"}),
    )

    def __init__(self, language: Language, lenders: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("lender", lenders)


def next_week(at: datetime) -> datetime:
    """What a release offers as its end."""
    return local(at + timedelta(days=7)).replace(hour=22, minute=0, second=0, microsecond=0)
