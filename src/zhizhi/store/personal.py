"""What personal data a table holds, column by column: the one declaration, made at the model as `personal`.

Every column is either free of personal data or a `Held` with its class, its form and the words for it. From here come
docs/privacy.md, the tables that a rotation of keys seals anew, and the test that no column escapes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps

from zhizhi.core.kernel.text import Text


class Pfi(StrEnum):
    """Classes of personal financial information (JR/T 0171-2020). C3, what authenticates, is never held here."""

    C1 = "C1"
    C2 = "C2"
    STAFF = "staff"

    @property
    def words(self) -> str:
        """For the page: employees are no customers, and their data no financial information."""
        return "员工 · staff" if self is Pfi.STAFF else self.value


class Form(StrEnum):
    """How a value stands in its column; a closed list."""

    OF_PERSON = "of_person"
    LISTED = "listed"
    OF_PRODUCT = "of_product"
    KEYED = "keyed"
    CLEAR = "clear"

    @property
    def words(self) -> Text:
        """For the page."""
        return _FORMS[self]


_FORMS = {
    Form.OF_PERSON: Text("以客户本人的密钥封存", "sealed under the person's key"),
    Form.LISTED: Text("掩码形式，以机构的列表密钥封存", "masked, sealed under the lender's list key"),
    Form.OF_PRODUCT: Text("以系统密钥封存", "sealed under a key of the product"),
    Form.KEYED: Text("加密钥的杂凑", "keyed hash"),
    Form.CLEAR: Text("明文", "in the clear"),
}
SEALED_FORMS = frozenset({Form.OF_PERSON, Form.LISTED, Form.OF_PRODUCT})


class Shown(StrEnum):
    """Who sees a value, and in which form; a closed list."""

    MASKED = "masked"
    OPENED = "opened"
    CARRIED = "carried"
    NOBODY = "nobody"
    FIGURES = "figures"
    COLLEAGUES = "colleagues"

    @property
    def words(self) -> Text:
        """For the page."""
        return _SHOWN[self]


_SHOWN = {
    Shown.MASKED: Text(
        "有权看到该客户的人员，只见掩码；明文须有理由、有上限、留存证（见 unmasking.md）",
        "who may see the person, masked; in the clear on a ground, within limits, with a trace (unmasking.md)",
    ),
    Shown.OPENED: Text("有权看到该客户的人员，在其案件页", "who may see the person, on the pages of the case"),
    Shown.CARRIED: Text(
        "渠道与被许可的拨打者，在许可有效期间；界面只见掩码",
        "the channel, and whoever dials with a permit, while it holds; screens show it masked",
    ),
    Shown.NOBODY: Text("无人；仅供系统比对或处理", "nobody; compared or worked on by the system"),
    Shown.FIGURES: Text("有权看到该客户的人员；汇总数不指向个人", "who may see the person; totals name nobody"),
    Shown.COLLEAGUES: Text("同事，因工作所需；本人", "colleagues, as part of the work; the employee"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """Personal data in a column. `place`: what a sealed value is bound to, with columns of its row in braces.

    `key`: the purpose of a product's key. `why`: what justifies a value in the clear.
    """

    pfi: Pfi
    form: Form
    what: Text
    shown: Shown
    place: str = ""
    key: str = ""
    why: Text | None = None

    def __post_init__(self) -> None:
        assert bool(self.place) == (self.form in SEALED_FORMS), "what is sealed is bound to a place"
        assert bool(self.key) == (self.form is Form.OF_PRODUCT), "a key of the product has a purpose"
        assert (self.why is not None) == (self.form is Form.CLEAR), "what stands in the clear says why"


@dataclass(frozen=True, slots=True)
class Personal:
    """The declaration of a table: its columns that hold nothing personal, and those that do."""

    free: frozenset[str]
    held: Mapping[str, Held]

    def __or__(self, other: "Personal") -> "Personal":
        assert not self.held.keys() & other.free, "a column is declared one way"
        return Personal(self.free | other.free, {**self.held, **other.held})


def declare(free: str, **held: Held) -> Personal:
    """`free`: names of columns without personal data, with spaces between; `held`: the others by name."""
    named = frozenset(free.split())
    assert not named & held.keys(), "a column is declared once"
    return Personal(named, held)


def of_person(zh: str, en: str, place: str, shown: Shown = Shown.MASKED) -> Held:
    """Sealed under the person's own key."""
    return Held(Pfi.C2, Form.OF_PERSON, Text(zh, en), shown, place)


def of_product(zh: str, en: str, key: str, place: str, shown: Shown = Shown.OPENED, pfi: Pfi = Pfi.C2) -> Held:
    """Sealed under a key of the product: what belongs to no person yet, or to several."""
    return Held(pfi, Form.OF_PRODUCT, Text(zh, en), shown, place, key)


def listed(person: str) -> Held:
    """The masked name and number that lists show; `person` is the column that names the person."""
    return Held(
        Pfi.C1, Form.LISTED, Text("掩码后的姓名与号码", "masked name and number"), Shown.MASKED, f"masked/{{{person}}}"
    )


def keyed(zh: str, en: str) -> Held:
    """A keyed hash: two equal values meet, and nothing is read back without the key."""
    return Held(Pfi.C2, Form.KEYED, Text(zh, en), Shown.NOBODY)


def figure(zh: str, en: str) -> Held:
    """An amount or a day of a debt, in the clear."""
    return Held(Pfi.C2, Form.CLEAR, Text(zh, en), Shown.FIGURES, why=_FIGURES)


def counted(zh: str, en: str, pfi: Pfi = Pfi.C1) -> Held:
    """A closed value that the law is decided on, in the clear."""
    return Held(pfi, Form.CLEAR, Text(zh, en), Shown.OPENED, why=_COUNTED)


def written(zh: str, en: str) -> Held:
    """Words of staff that auditors read, in the clear."""
    return Held(Pfi.C2, Form.CLEAR, Text(zh, en), Shown.OPENED, why=_GROUND)


def of_staff(zh: str, en: str) -> Held:
    """Of an employee, in the clear."""
    return Held(Pfi.STAFF, Form.CLEAR, Text(zh, en), Shown.COLLEAGUES, why=_STAFF)


def kept(zh: str, en: str, why: Text, pfi: Pfi = Pfi.C2) -> Held:
    """In the clear for a reason of its own, and shown to nobody."""
    return Held(pfi, Form.CLEAR, Text(zh, en), Shown.NOBODY, why=why)


_FIGURES = Text(
    "数据库须求和、排序、比较并由约束把守；行内无姓名与号码，只对应随机编号，且受行级权限保护",
    "the database adds, orders, compares and guards them; the row has no name and no number, stands for an id only, and"
    " is under row-level security",
)
_COUNTED = Text(
    "法律判定与次数上限须由数据库逐条计算；只含封闭词表、时间与编号",
    "the law is decided and counted on them in the database; closed words, times and ids only",
)
_GROUND = Text(
    "由人员书写，须供审计全文核对；写入时拒绝姓名与号码",
    "written by staff for auditors to read in full; names and numbers are refused on entry",
)
_STAFF = Text("工作所需，同事可见（个人信息保护法十三条二项）", "part of the work, PIPL 13 (2)")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the store with its declaration; None where its model makes none."""

    name: str
    columns: tuple[str, ...]
    personal: Personal | None


def tables() -> list[Table]:
    """Every table of the store, by name."""
    found = []
    for model in apps.get_app_config("store").get_models():
        columns = tuple(field.column for field in model._meta.concrete_fields if field.column)
        found.append(Table(model._meta.db_table, columns, personal_of(model)))
    return sorted(found, key=lambda one: one.name)


def personal_of(model: type[Any]) -> Personal | None:
    """What a model declares, joined with what it inherits."""
    declared = [vars(one)["personal"] for one in reversed(model.__mro__) if "personal" in vars(one)]
    if "personal" not in vars(model):
        return None
    joined: Personal = declared[0]
    for one in declared[1:]:
        joined = joined | one
    return joined


def sealed_columns(form: Form) -> list[tuple[str, str, Held]]:
    """Table, column and declaration of everything that is sealed in this form."""
    return _columns(lambda held: held.form is form)


def clear_columns() -> list[tuple[str, str, Held]]:
    """Table, column and declaration of all personal data that stands in the clear."""
    return _columns(lambda held: held.form is Form.CLEAR)


def _columns(wanted: Callable[[Held], bool]) -> list[tuple[str, str, Held]]:
    return [
        (table.name, column, held)
        for table in tables()
        for column, held in (table.personal.held if table.personal else {}).items()
        if wanted(held)
    ]
