"""Masks of personal values: what staff, an agency and the person see of a name, a number or an address.

Law: JR/T 0171-2020. What is unsure stays hidden.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import Tables
from zhizhi.core.debt.operation import Answer, Operation
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.text import Text

NAME_CHARACTERS_MAX = 40
ADDRESS_CHARACTERS_MAX = 200

_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HIDDEN_REST = "****"
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

# Han that may stand before the ending of a division: none that ends a division or names a street.
_PLAIN = rf"(?![省市区县旗街巷弄号村路道镇乡])[{_HAN}]"
_PROVINCE = re.compile(rf"(?:{_PLAIN}){{2,8}}?(?:省|自治区)")
_CITY = re.compile(rf"兴安盟|锡林郭勒盟|阿拉善盟|景德镇市|新乡市|萍乡市|(?:{_PLAIN}){{2,8}}?(?:市|自治州|地区)")
_DISTRICT = re.compile(
    rf"(?:{_PLAIN}|[路道镇])(?:{_PLAIN}){{0,9}}?(?:自治县|自治旗|区|县|旗|市)(?<!小区)(?<!社区)(?<!园区)(?<!校区)(?<!厂区)(?<!库区)"
)


class MaskKind(StrEnum):
    """Kinds of personal value."""

    NAME = "name"
    MOBILE = "mobile"
    ID = "id"
    CARD = "card"
    ADDRESS = "address"
    EMAIL = "email"


class Audience(StrEnum):
    """Who looks: our staff, an agency, or the person, whose identity was checked."""

    STAFF = "staff"
    AGENCY = "agency"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Masking:
    """A personal value and who is to see it. PII: `value`; it is never stored, logged or repeated in a message."""

    kind: MaskKind
    value: str
    audience: Audience

    def __repr__(self) -> str:
        return f"Masking({self.kind.value}, …, {self.audience.value})"

    def findings(self) -> Iterator[Finding]:
        """The value is held to its kind for every audience, the person included."""
        if not _fits(self.kind, self.value):
            yield Finding(ErrorCode.BAD_VALUE, "value", Text("与类型不符", "does not fit its kind"))

    def answer(self, tables: Tables) -> Answer:
        """The mask as the format prints it. No table is read."""
        return Answer({"masked": mask(self)}, ("JR/T 0171-2020",))


def mask(masking: Masking) -> str:
    """What the audience sees. Refuses: DebtError, where the value does not fit its kind."""
    refuse_first(masking.findings())
    value = masking.value
    if masking.audience is Audience.SELF:
        return value
    match masking.kind:
        case MaskKind.NAME:
            return _mask_name(value)
        case MaskKind.MOBILE:
            return f"{value[:3]}{_HIDDEN_REST}{value[-4:]}"
        case MaskKind.ID:
            return _hide(value, first=1, last=1)
        case MaskKind.CARD:
            return _hide(value, first=0 if masking.audience is Audience.AGENCY else 6, last=4)
        case MaskKind.ADDRESS:
            return f"{_division(value)}{_HIDDEN_REST}"
        case MaskKind.EMAIL:
            local, _, domain = value.partition("@")
            return f"{_hide(local, first=min(3, len(local) // 2), last=0)}@{domain}"


def _fits(kind: MaskKind, value: str) -> bool:
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


def _hide(value: str, *, first: int, last: int) -> str:
    hidden = len(value) - first - last
    return f"{value[:first]}{'*' * hidden}{value[len(value) - last :]}"


def _mask_name(name: str) -> str:
    if len(name) == 1:
        return "*"
    if _ALL_HAN.fullmatch(name):
        family = 2 if len(name) > 2 and name.startswith(_DOUBLE_FAMILY_NAMES) else 1
        return _hide(name, first=family, last=0)
    return name[0] + "".join(character if character in _STAYS_IN_A_NAME else "*" for character in name[1:])


def _division(address: str) -> str:
    """The province, city and district that the address begins with, each if it is there."""
    end = 0
    for part in (_PROVINCE, _CITY, _DISTRICT):
        found = part.match(address, end)
        end = found.end() if found else end
    return address[:end]


def _read(inputs: Fields) -> Masking:
    inputs.keys(required=("kind", "value", "audience"))
    return Masking(
        kind=inputs.choice("kind", MaskKind, MaskKind.NAME),
        value=inputs.text("value", "", longest=None),
        audience=inputs.choice("audience", Audience, Audience.STAFF),
    )


OPERATION = Operation(read=_read)
