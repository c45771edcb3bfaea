"""The questions of the page "was this lawful?", in plain words, and what each answer means for the law."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhizhi.core.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answers; the first one is chosen where nobody chooses."""

    label: Text
    choices: tuple[tuple[str, Text], ...]


def _asked(zh: str, en: str, *choices: tuple[str, str, str]) -> Asked:
    return Asked(Text(zh, en), tuple((code, Text(first, second)) for code, first, second in choices))


_NOT_SURE = ("unknown", "不清楚", "not sure")
_YES, _NO = ("yes", "是", "yes"), ("no", "否", "no")
_NOT_SO = ("no", "没有", "no")

KINDS: Mapping[str, Text] = {
    "call": Text("打电话给我", "A call to me"),
    "message": Text("给我发短信、微信", "A text or chat message to me"),
    "visit": Text("上门", "A visit"),
    "letter": Text("寄信、寄函", "A letter"),
    "public_post": Text("公开张贴、公开发布", "A post in public"),
    "others": Text("联系了我的家人、同事、朋友", "They contacted my family, colleagues or friends"),
}
"""Kinds of contact that the page asks about; each has a button."""

ABOUT: Mapping[str, Asked] = {
    "who": _asked(
        "您是",
        "You are",
        ("debtor", "借款人（持卡人）本人", "the borrower or cardholder"),
        ("contact", "借款人填写的联系人", "a contact person whom the borrower named"),
        ("relative", "借款人的亲属", "a relative of the borrower"),
        ("colleague", "借款人的同事", "a colleague of the borrower"),
        ("stranger", "与借款人无关，号码是我的", "nothing to do with the borrower; the number is mine"),
    ),
    "lender": _asked(
        "借的是",
        "The loan is from",
        _NOT_SURE,
        ("cn.bank.card", "银行信用卡", "a bank: credit card"),
        ("cn.bank.online", "银行的网上消费贷款", "a bank: online consumer loan"),
        (
            "cn.consumer_finance.online.cba",
            "消费金融公司（银行业协会会员）",
            "a consumer finance company in the banking association",
        ),
        ("cn.consumer_finance.online", "其他消费金融公司", "another consumer finance company"),
        ("cn.microloan", "小额贷款公司", "a micro-loan company"),
    ),
    "debt": _asked(
        "这笔债",
        "The debt is",
        ("overdue", "已逾期", "overdue"),
        ("not_due", "还没到期", "not due yet"),
        ("settled", "已经还清", "paid off"),
        ("plan_performing", "正按协商方案还款", "being paid under an agreed plan"),
        _NOT_SURE,
    ),
    "state": _asked(
        "借款人近况",
        "The borrower is",
        ("normal", "没有特殊情况", "in no special situation"),
        ("hospitalised", "正在住院", "in hospital"),
        ("bereaved", "刚失去亲人", "bereaved"),
        ("disaster", "遭遇灾害", "hit by a disaster"),
        ("deceased", "已经去世", "deceased"),
        ("bankruptcy_stay", "个人破产程序中", "in personal bankruptcy"),
        _NOT_SURE,
    ),
    "refused": _asked(
        "您之前明确要求过不要再联系您吗",
        "Had you clearly asked not to be contacted again?",
        _NOT_SO,
        ("yes", "要求过", "yes"),
        _NOT_SURE,
    ),
    "agreed": _asked(
        "您和对方约定过联系的时间或次数吗",
        "Had you agreed hours or a number of contacts with them?",
        _NOT_SO,
        ("yes", "约定过", "yes"),
        _NOT_SURE,
    ),
    "asked_else": _asked(
        "您还提过别的要求吗（不方便的时间、地点、渠道、号码，已委托律师，对债务有异议，说过已还清）",
        "Had you told them anything else (times or channels that do not suit, a lawyer, a dispute, already paid)?",
        _NOT_SO,
        ("yes", "提过，或不记得", "yes, or not sure"),
    ),
    "complaint": _asked(
        "您有还没答复的投诉吗",
        "Is a complaint of yours still unanswered?",
        _NOT_SO,
        ("yes", "有", "yes"),
    ),
}

ABOUT_CONTACT: Mapping[str, Asked] = {
    "answered": _asked(
        "接通了吗",
        "Did you pick up?",
        ("talked", "接了，说了话", "yes, and we spoke"),
        ("hung_up", "接了，没说几句就断了", "yes, but it ended at once"),
        ("missed", "没接", "no"),
        ("rejected", "我挂断了", "I rejected it"),
    ),
    "robot": _asked("是机器人语音吗", "Was it a robot voice?", _NO, _YES, _NOT_SURE),
    "identified": _asked(
        "对方说明自己是哪家机构吗", "Did they say which institution they are from?", _YES, _NO, _NOT_SURE
    ),
    "whom": _asked(
        "联系了谁",
        "Whom did they contact?",
        ("relative", "父母、子女、亲属", "parents, children, relatives"),
        ("spouse", "配偶", "spouse"),
        ("colleague", "同事", "colleague"),
        ("employer", "工作单位", "employer"),
        ("other", "朋友、邻居、其他人", "friends, neighbours, others"),
        ("contact", "借款时我填写的联系人", "the contact person I named"),
    ),
    "by": _asked(
        "用什么方式",
        "By what means?",
        ("voice", "电话", "call"),
        ("sms", "短信", "text message"),
        ("im", "微信等", "chat"),
        ("visit", "当面", "in person"),
    ),
    "purpose": _asked(
        "为了什么",
        "What for?",
        ("collect", "要这个人还钱或施压", "to make that person pay, or to press"),
        ("locate", "打听我的联系方式", "to ask how to reach me"),
        ("relay", "请他转告我", "to ask for a message to be passed on"),
        _NOT_SURE,
    ),
    "disclosed": _asked("告诉了他欠款的事吗", "Did they tell that person about the debt?", _NOT_SURE, _YES, _NO),
    "named": _asked(
        "这个人是您借款时填写的联系人吗", "Had you named that person when you took the loan?", _NO, _YES, _NOT_SURE
    ),
    "they_refused": _asked(
        "这个人要求过不要再联系吗", "Had that person asked not to be contacted?", _NO, _YES, _NOT_SURE
    ),
    "consented": _asked(
        "您事先同意上门吗（对方说明了目的和后果）",
        "Had you agreed to the visit, told its purpose and consequences?",
        _NO,
        _YES,
        _NOT_SURE,
    ),
    "place": _asked(
        "在哪里",
        "Where?",
        ("home", "住处", "home"),
        ("work", "工作单位", "work"),
        ("public", "公共场所", "a public place"),
    ),
    "how_many": _asked(
        "来了几个人", "How many came?", ("more", "两人以上", "two or more"), ("one", "一人", "one"), _NOT_SURE
    ),
    "entered": _asked("进屋了吗", "Did they come in?", _NO, _YES),
    "entry_ok": _asked("您同意他们进屋吗", "Had you agreed to let them in?", _NO, _YES),
    "card": _asked("出示证件了吗", "Did they show their cards?", _YES, _NO, _NOT_SURE),
}

ASKED_OF: Mapping[str, tuple[str, ...]] = {
    "call": ("answered", "robot", "identified"),
    "message": ("identified",),
    "visit": ("consented", "place", "how_many", "card", "entered", "entry_ok", "identified"),
    "letter": (),
    "public_post": (),
    "others": ("whom", "by", "purpose", "disclosed", "named", "they_refused"),
}
WITH_CONTENT = frozenset({"call", "message", "visit", "letter", "others"})
FLAGS: Mapping[str, str] = {
    "robot": "robot",
    "identified": "identifies_collector",
    "disclosed": "discloses_debt",
    "consented": "visit_consent",
    "entered": "enters_premises",
    "entry_ok": "entry_consent",
    "card": "id_shown",
}
"""Questions whose yes or no is a field of a log."""

MARKS_ASKED = frozenset(
    (
        "claims_to_be_authority",
        "false_consequence",
        "threat",
        "insult",
        "urges_new_borrowing",
        "extra_fee",
        "public_notice",
    )
)

DAY = Text("哪一天", "Which day")
CLOCK = Text("几点（北京时间）", "What time (Beijing)")
TIMES = Text("当天这样的联系共几次（电话按同一个号码算）", "How many such contacts that day (calls: to one number)")
MARKS = Text("对方说了或写了（没有就不勾）", "They said or wrote (leave empty if none)")
DAY_WRONG = Text("请填日期", "please give the day")
CLOCK_WRONG = Text("请填时间，大概也可以", "please give the time; roughly will do")
TIMES_WRONG = Text("请填 1 到 20", "a number from 1 to 20")
FUTURE = Text("这个时刻还没到", "that time has not come yet")
