"""The case builder's form as what its template shows: sections, rows and fields, made from the shape of the format."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zhizhi.core.conduct import words
from zhizhi.core.conduct.errors import CaseError
from zhizhi.core.conduct.shape import CASE, Kind, Shape
from zhizhi.core.kernel.text import Text
from zhizhi.web.console.forms.case_flat import NONE_FOUND, Flat, first, is_list, keys_of, rows_of
from zhizhi.web.console.forms.case_words import ONE_OF, SECTIONS, key_text, value_text

UNKNOWN = Text("未知", "unknown")
_DEFAULT_NO = Text("默认：否", "default: no")
BLANK: Mapping[str, Text] = {
    "reading": Text("默认：从严", "default: strict"),
    "form": Text("默认：交互式", "default: interactive"),
    "written": Text("默认：是", "default: yes"),
    **dict.fromkeys(("video", "rcs", "robot", "in_session", "complaint_open", "suit_pending"), _DEFAULT_NO),
}
"""What a blank field means where it does not mean that the fact is unknown."""

SCREENED = Text("已筛查（未勾选即未发现）", "screened (nothing ticked: nothing found)")
_FLAGS = {"true": Text("是", "yes"), "false": Text("否", "no")}
_INPUTS = {
    "day": "date",
    "instant": "datetime-local",
    "clock": "time",
    "count": "number",
    "minor": "number",
    "until": "until",
}
_ALWAYS = {
    "": frozenset({"id", "profile", "reading"}),
    "events": frozenset({"at", "channel", "direction", "party", "point", "outcome", "talk_seconds", "exchanged"}),
    "proposed": frozenset(
        ("point", "form", "content", "recording", "discloses_debt", "identifies_collector", "expected_end_at")
    ),
    "debts": frozenset({"state", "product"}),
    "parties": frozenset({"named_by_debtor"}),
    "points": frozenset({"reserved", "source"}),
    "collector": frozenset({"person"}),
    "person": frozenset({"id", "trained_on", "private_device"}),
    "debtor": frozenset({"state"}),
}
"""Keys beside the needed ones that a section shows without being asked for more."""

_IDS = {"party": "parties", "by": "parties", "point": "points", "debt": "debts", "attributed_to": "debts"}
_IDS |= {"in_reply_to": "events", "on_call": "events"}
_ORDER = ("proposed", "events", "statements", "debtor", "debts", "parties", "points", "collector", "case", "reviews")
_LISTED = {frozenset(listed): listed for listed in vars(words).values() if isinstance(listed, tuple)}
_PLACE = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    code: str
    text: Text
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind`: text, select, ticks, until, or the type of an input. `ids`: which ids it may name."""

    name: str
    key: str
    label: Text
    kind: str
    value: str
    needed: bool
    options: tuple[Option, ...] = ()
    ids: str = ""
    turns: bool = False
    error: Text | None = None

    @property
    def dom_id(self) -> str:
        """The id of the element."""
        return dom_id(self.name)


@dataclass(frozen=True, slots=True)
class Group:
    """An object or a row. `more`: fields are left that it does not show; `row`: where it can be dropped."""

    place: str
    title: Text
    fields: tuple[Field, ...]
    lists: tuple["Rows", ...]
    groups: tuple["Group", ...]
    more: bool
    opened: bool
    row: str | None = None

    @property
    def dom_id(self) -> str:
        """The id of the element."""
        return "group-" + (self.place.replace(".", "-") or "head")  # `case` is a section of the form

    @property
    def number(self) -> str:
        """The number of the row in its list."""
        return self.place.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of rows and whether another may be added."""

    place: str
    title: Text
    one: Text
    rows: tuple[Group, ...]
    error: Text | None

    @property
    def dom_id(self) -> str:
        """The id of the element."""
        return "rows-" + self.place.replace(".", "-")

    @property
    def error_id(self) -> str:
        """The id of the element with what is wrong with the list."""
        return dom_id(self.place)


@dataclass(frozen=True, slots=True)
class CaseForm:
    """The whole form. `ids`: what a field may name, by list; `error_at`: the element that a refusal is about."""

    head: Group
    parts: tuple[Group | Rows, ...]
    ids: Mapping[str, tuple[str, ...]]
    error: Text | None
    error_at: str


def dom_id(name: str) -> str:
    """The id of the element of a field."""
    return "case-" + name.replace(".", "-")


def place_of(wrong: CaseError) -> str:
    """The name of the field that a refusal is about; blank where it is about the whole."""
    found = _PLACE.match(wrong.text.zh)
    return _NUMBER.sub(r".\1", found[1]) if found else ""


def case_form(flat: Flat, profiles: Mapping[str, Text], wrong: CaseError | None = None) -> CaseForm:
    """The form of a case, with the first thing that is wrong at its field."""
    return _Maker(flat, profiles, wrong).form()


class _Maker:
    def __init__(self, flat: Flat, profiles: Mapping[str, Text], wrong: CaseError | None) -> None:
        self._flat, self._profiles = flat, profiles
        self._wrong: Text | None = wrong.text if wrong is not None else None
        self._place = place_of(wrong) if wrong is not None else ""
        self._met = ""

    def form(self) -> CaseForm:
        plain = {key: CASE.keys[key] for key in ("id", "profile", "reading")}
        head = self._group(Shape(plain, CASE.needed), "", "", SECTIONS[""])
        parts = tuple(self._part(key) for key in _ORDER)
        ids = {
            key: tuple(filter(None, (first(self._flat, f"{row}.id") for row in rows_of(self._flat, key))))
            for key in ("debts", "parties", "points", "events")
        }
        return CaseForm(head, parts, ids, self._wrong, self._met)

    def _part(self, key: str) -> Group | Rows:
        kind = CASE.keys[key]
        if is_list(kind):
            return self._rows(kind, key, key)
        assert kind.shape is not None, "objects have a shape"
        return self._group(kind.shape, f"{key}.", key, SECTIONS[key])

    def _rows(self, kind: Kind, place: str, section: str) -> Rows:
        rows = []
        for number, row in enumerate(rows_of(self._flat, place), 1):
            keys, needed = keys_of(kind, self._flat, row)
            one = ONE_OF[section]
            title = Text(f"{one.zh} {number}", f"{one.en} {number}")
            rows.append(self._group(Shape(keys, needed), f"{row}.", section, title, row=row))
        return Rows(place, SECTIONS[section], ONE_OF[section], tuple(rows), self._error_at(place))

    def _group(self, shape: Shape, prefix: str, section: str, title: Text, row: str | None = None) -> Group:
        place = prefix.removesuffix(".")
        opened = first(self._flat, f"{prefix}more") == "1" or self._place.startswith(prefix or "\0")
        keys = dict(sorted(shape.keys.items(), key=lambda item: item[0] not in shape.needed))
        shown = {key: kind for key, kind in keys.items() if opened or self._shows(key, prefix, section, shape)}
        fields = tuple(
            self._field(kind, f"{prefix}{key}", key, section, shape)
            for key, kind in shown.items()
            if not is_list(kind) and kind.name not in ("object", "ignored")
        )
        lists = tuple(self._rows(kind, f"{prefix}{key}", key) for key, kind in shown.items() if is_list(kind))
        groups = tuple(
            self._group(kind.shape, f"{prefix}{key}.", key, SECTIONS[key])
            for key, kind in shown.items()
            if kind.name == "object" and kind.shape is not None
        )
        return Group(place, title, fields, lists, groups, len(shown) < len(keys), opened, row)

    def _shows(self, key: str, prefix: str, section: str, shape: Shape) -> bool:
        if section == "statements" or key in shape.needed or key in _ALWAYS.get(section, ()):
            return key not in ("told", "received_at", "debt") or bool(first(self._flat, f"{prefix}{key}"))
        name = f"{prefix}{key}"
        return any(self._flat.get(name, ())) or bool(self._flat.get(f"{name}.row"))

    def _field(self, kind: Kind, name: str, key: str, section: str, shape: Shape) -> Field:
        needed = key in shape.needed or (key == "state" and section in ("debtor", "debts"))
        value = first(self._flat, name)
        return Field(
            name=name,
            key=key,
            label=key_text(key),
            kind=_widget(kind),
            value=value,
            needed=needed,
            options=tuple(self._options(kind, name, key, section, needed)),
            ids=_IDS.get(key, "") if kind.name == "text" else "",
            turns=(section, key) == ("statements", "kind"),
            error=self._error_at(name),
        )

    def _options(self, kind: Kind, name: str, key: str, section: str, needed: bool) -> Iterator[Option]:
        given = self._flat.get(name, [])
        if kind.name == "flag":
            yield Option("", BLANK.get(key, UNKNOWN), not any(given))
            for code, text in _FLAGS.items():
                yield Option(code, text, code in given)
        elif kind.name == "choice":
            yield Option("", Text("请选择", "choose") if needed else BLANK.get(key, UNKNOWN), not any(given))
            for code in _in_order(kind):
                title = self._profiles.get(code) if key == "profile" else None
                yield Option(code, title or value_text(section, key, code), code in given)
        elif kind.name == "choices":
            if kind.may_be_empty:
                yield Option(NONE_FOUND, SCREENED, NONE_FOUND in given)
            for code in _in_order(kind):
                yield Option(code, value_text(section, key, code), code in given)

    def _error_at(self, name: str) -> Text | None:
        """The refusal, at the field or list that it names, or whose item it names."""
        if self._wrong is None or not re.fullmatch(re.escape(name) + r"(\.\d+)?", self._place):
            return None
        self._met, self._place = dom_id(name), name
        return Text(_PLACE.sub("", self._wrong.zh, count=1).strip(), _PLACE.sub("", self._wrong.en, count=1).strip())


def _widget(kind: Kind) -> str:
    if kind.name in ("choice", "flag"):
        return "select"
    return "ticks" if kind.name == "choices" else _INPUTS.get(kind.name, "text")


def _in_order(kind: Kind) -> list[str]:
    """The values of a list as the format lists them."""
    return list(_LISTED.get(kind.choices, sorted(kind.choices)))
