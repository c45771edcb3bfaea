"""What each view sees of a personal value: the one table of masks.

Law: JR/T 0171-2020; what stays visible is the policy of `mask` in contract/debt-case.md. What is unsure stays hidden.
Why it is so: docs/decisions/0047-masks-and-unmasking.md.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from zhizhi.core.kernel.text import Text

NAME_CHARACTERS_MAX = 40
ADDRESS_CHARACTERS_MAX = 200
HIDDEN = "****"
LAST_FOUR_FROM = 8  # of fewer characters the last four would be half


class MaskKind(StrEnum):
    """Kinds of personal value."""

    NAME = "name"
    MOBILE = "mobile"
    LANDLINE = "landline"
    ID = "id"
    CARD = "card"
    ACCOUNT = "account"
    ADDRESS = "address"
    EMAIL = "email"
    HANDLE = "handle"

    @property
    def text(self) -> Text:
        """What it is called."""
        return _KIND_TEXTS[self]


class View(StrEnum):
    """Who or what looks; `NOBODY` is the view of whatever is not in this list."""

    COLLECTOR = "collector"
    AGENCY = "agency"
    APPROVER = "approver"
    AUDITOR = "auditor"
    PAPER = "paper"
    API = "api"
    EXPORT = "export"
    SELF = "self"
    NOBODY = "nobody"

    @property
    def text(self) -> Text:
        """What it is called."""
        return _VIEW_TEXTS[self]


class Form(StrEnum):
    """How much of a value stays visible."""

    CLEAR = "clear"
    FAMILY_NAME = "family_name"
    FIRST_THREE_LAST_FOUR = "first_three_last_four"
    FIRST_SIX_LAST_FOUR = "first_six_last_four"
    FIRST_AND_LAST = "first_and_last"
    STARS_LAST_FOUR = "stars_last_four"
    LAST_FOUR = "last_four"
    DIVISION = "division"
    START_OF_LOCAL_PART = "start_of_local_part"
    DOMAIN = "domain"
    HIDDEN = "hidden"

    @property
    def text(self) -> Text:
        """What it is called."""
        return _FORM_TEXTS[self]


_KIND_TEXTS = {
    MaskKind.NAME: Text("姓名", "name"),
    MaskKind.MOBILE: Text("手机号码", "mobile number"),
    MaskKind.LANDLINE: Text("其他电话号码", "other telephone number"),
    MaskKind.ID: Text("证件号", "identity number"),
    MaskKind.CARD: Text("卡号", "card number"),
    MaskKind.ACCOUNT: Text("账号", "account number"),
    MaskKind.ADDRESS: Text("地址", "address"),
    MaskKind.EMAIL: Text("邮箱", "e-mail address"),
    MaskKind.HANDLE: Text("其他账号（即时通讯等）", "other handle, as of a messenger"),
}
_VIEW_TEXTS = {
    View.COLLECTOR: Text("本机构经办", "own people at work on a case"),
    View.AGENCY: Text("委外机构", "agency"),
    View.APPROVER: Text("管理与审批", "leading and approving"),
    View.AUDITOR: Text("审计与质检", "auditing and quality"),
    View.PAPER: Text("纸面", "paper"),
    View.API: Text("接口", "API"),
    View.EXPORT: Text("导出", "export"),
    View.SELF: Text("本人（身份已核）", "the person, identity checked"),
    View.NOBODY: Text("其他", "anybody else"),
}
_FORM_TEXTS = {
    Form.CLEAR: Text("明文", "in the clear"),
    Form.FAMILY_NAME: Text("留姓", "family name"),
    Form.FIRST_THREE_LAST_FOUR: Text("留前三后四", "first three, last four"),
    Form.FIRST_SIX_LAST_FOUR: Text("留前六后四", "first six, last four"),
    Form.FIRST_AND_LAST: Text("留首尾各一", "first and last"),
    Form.STARS_LAST_FOUR: Text("留后四", "last four"),
    Form.LAST_FOUR: Text("留后四", "last four"),
    Form.DIVISION: Text("留至区县", "as far as the district"),
    Form.START_OF_LOCAL_PART: Text("留前一至三位与域名", "one to three characters and the domain"),
    Form.DOMAIN: Text("只留域名", "the domain alone"),
    Form.HIDDEN: Text("不显示", "nothing"),
}

# The columns of the table, and below it one row a kind; `SELF` sees everything, `NOBODY` nothing.
_COLUMNS = (View.COLLECTOR, View.AGENCY, View.APPROVER, View.AUDITOR, View.PAPER, View.API, View.EXPORT)
_DESKS = 4  # how many of them are desks of the back office
_ROWS: Mapping[MaskKind, tuple[Form, ...]] = {
    MaskKind.NAME: (Form.FAMILY_NAME,) * len(_COLUMNS),
    MaskKind.MOBILE: (Form.FIRST_THREE_LAST_FOUR,) * _DESKS
    + (Form.LAST_FOUR, Form.FIRST_THREE_LAST_FOUR, Form.LAST_FOUR),
    MaskKind.LANDLINE: (Form.LAST_FOUR,) * len(_COLUMNS),
    MaskKind.ID: (Form.FIRST_AND_LAST,) * _DESKS + (Form.FIRST_AND_LAST, Form.HIDDEN, Form.HIDDEN),
    MaskKind.CARD: (
        *(Form.FIRST_SIX_LAST_FOUR, Form.STARS_LAST_FOUR, Form.FIRST_SIX_LAST_FOUR, Form.STARS_LAST_FOUR),
        *(Form.STARS_LAST_FOUR, Form.STARS_LAST_FOUR, Form.STARS_LAST_FOUR),
    ),
    MaskKind.ACCOUNT: (Form.LAST_FOUR,) * len(_COLUMNS),
    MaskKind.ADDRESS: (Form.DIVISION,) * (_DESKS + 1) + (Form.HIDDEN, Form.HIDDEN),
    MaskKind.EMAIL: (Form.START_OF_LOCAL_PART,) * _DESKS + (Form.DOMAIN, Form.DOMAIN, Form.DOMAIN),
    MaskKind.HANDLE: (Form.HIDDEN,) * len(_COLUMNS),
}
TABLE: Mapping[MaskKind, Mapping[View, Form]] = {
    kind: {**dict(zip(_COLUMNS, forms, strict=True)), View.SELF: Form.CLEAR, View.NOBODY: Form.HIDDEN}
    for kind, forms in _ROWS.items()
}

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_STAYS_IN_A_NAME = frozenset(" ·-.'")
_DOUBLE_FAMILY_NAMES = tuple(
    """
    欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 夏侯 轩辕 端木 独孤 南宫 西门 百里
    呼延 申屠 太史 公冶 钟离 闻人 澹台 濮阳 淳于 单于 鲜于 闾丘 司空 赫连 拓跋 完颜 纳兰 东郭 公羊 第五
    """.split()  # noqa: SIM905  forty names on forty lines would hide the rest of the page
)

_ALL_HAN = re.compile(rf"[{_HAN}]+")
_MOBILE = re.compile(r"1[0-9]{10}")
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}")
_CARD_NUMBER = re.compile(r"[0-9]{12,19}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LISTED_NUMBER = re.compile(r"1[0-9]{2}\*{4}[0-9]{4}|\*{4}[0-9]{4}|\**")

# Han that may stand before the ending of a division: none that ends a division or names a street.
_PLAIN = rf"(?![省市区县旗街巷弄号村路道镇乡])[{_HAN}]"
_PROVINCE = re.compile(rf"(?:{_PLAIN}){{2,8}}?(?:省|自治区)")
_CITY = re.compile(rf"兴安盟|锡林郭勒盟|阿拉善盟|景德镇市|新乡市|萍乡市|(?:{_PLAIN}){{2,8}}?(?:市|自治州|地区)")
_DISTRICT = re.compile(
    rf"(?:{_PLAIN}|[路道镇])(?:{_PLAIN}){{0,9}}?(?:自治县|自治旗|区|县|旗|市)(?<!小区)(?<!社区)(?<!园区)(?<!校区)(?<!厂区)(?<!库区)"
)


def fits(kind: MaskKind, value: str) -> bool:
    """Whether a value is written as its kind is, as the contract reads the kinds that it has."""
    match kind:
        case MaskKind.NAME:
            return 1 <= len(value) <= NAME_CHARACTERS_MAX and value == value.strip()
        case MaskKind.MOBILE:
            return _MOBILE.fullmatch(value) is not None
        case MaskKind.ID:
            return _ID_NUMBER.fullmatch(value) is not None
        case MaskKind.CARD:
            return _CARD_NUMBER.fullmatch(value) is not None
        case MaskKind.ADDRESS:
            return 1 <= len(value) <= ADDRESS_CHARACTERS_MAX
        case MaskKind.EMAIL:
            return _EMAIL.fullmatch(value) is not None
        case MaskKind.LANDLINE | MaskKind.ACCOUNT | MaskKind.HANDLE:
            return bool(value)


def mask(kind: MaskKind, value: str, view: View) -> str:
    """What a view sees of a value. Boundary: what does not fit its kind is hidden whole, but from the person."""
    form = TABLE[kind][view]
    if kind is MaskKind.MOBILE and form is not Form.CLEAR and not fits(kind, value):
        form = TABLE[MaskKind.LANDLINE][view]
    elif kind not in (MaskKind.NAME, MaskKind.MOBILE) and form is not Form.CLEAR and not fits(kind, value):
        form = Form.HIDDEN
    return _FORMS[form](value)


def listed_name(masked: str) -> str:
    """A masked name as a list keeps it: one that still tells its last character, as an older mask had it, loses it."""
    if len(masked) > 1 and masked[-1] != "*" and masked[-1] not in _STAYS_IN_A_NAME:
        return masked[:-1] + "*"
    return masked


def listed_number(masked: str) -> str:
    """The same of a number: what an older mask left of anything but a mobile number shrinks to its last four."""
    return masked if _LISTED_NUMBER.fullmatch(masked) else _last_four(masked)


def _hide(value: str, *, first: int, last: int) -> str:
    hidden = len(value) - first - last
    return f"{value[:first]}{'*' * hidden}{value[len(value) - last :]}"


def _family_name(name: str) -> str:
    if len(name) <= 1:
        return "*"
    if _ALL_HAN.fullmatch(name):
        family = 2 if len(name) > 2 and name.startswith(_DOUBLE_FAMILY_NAMES) else 1
        return _hide(name, first=family, last=0)
    return name[0] + "".join(character if character in _STAYS_IN_A_NAME else "*" for character in name[1:])


def _last_four(value: str) -> str:
    return f"{HIDDEN}{value[-4:]}" if len(value) >= LAST_FOUR_FROM else HIDDEN


def _division(address: str) -> str:
    """The province, city and district that the address begins with, each if it is there."""
    end = 0
    for part in (_PROVINCE, _CITY, _DISTRICT):
        found = part.match(address, end)
        end = found.end() if found else end
    return f"{address[:end]}{HIDDEN}"


def _start_of_local_part(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{_hide(local, first=min(3, len(local) // 2), last=0)}@{domain}"


_FORMS: Mapping[Form, Callable[[str], str]] = {
    Form.CLEAR: lambda value: value,
    Form.FAMILY_NAME: _family_name,
    Form.FIRST_THREE_LAST_FOUR: lambda value: f"{value[:3]}{HIDDEN}{value[-4:]}",
    Form.FIRST_SIX_LAST_FOUR: lambda value: _hide(value, first=6, last=4),
    Form.FIRST_AND_LAST: lambda value: _hide(value, first=1, last=1),
    Form.STARS_LAST_FOUR: lambda value: _hide(value, first=0, last=4),
    Form.LAST_FOUR: _last_four,
    Form.DIVISION: _division,
    Form.START_OF_LOCAL_PART: _start_of_local_part,
    Form.DOMAIN: lambda value: f"{HIDDEN}@{value.partition('@')[2]}",
    Form.HIDDEN: lambda _value: HIDDEN,
}
