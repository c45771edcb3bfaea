"""The map: which column of a file is which field of ours, and the few changes that may be made on the way. TOML,
strict.

An unknown key is an error that names its place and what would be right there: a map is code that a lender writes
once and trusts for years.
"""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from zhizhi.core.conduct.words import PROFILES
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.intake.kinds import FIELDS, Field, Kind, Reading, field_of
from zhizhi.usecases.intake.limits import MAP_BYTES_MAX, MONTHS_MAX
from zhizhi.usecases.intake.problems import PROBLEMS, BadValue, MapRefused

FILE_KEYS = ("kind", "lender", "as_of", "encoding", "delimiter", "sheet", "unit", "currency", "synthetic")
SOURCE_KEYS = (
    "column",
    "constant",
    "first_of",
    "sum_of",
    "unit",
    "format",
    "values",
    "negative",
    "scientific",
    "label",
)
MONTHS_KEYS = ("newest", "statements", "payments", "status", "unit", "paid_on_day", "scientific")
UNITS = ("minor", "yuan")
ENCODINGS = ("utf-8", "gb18030")
CONSTANT_SHOWN_MAX = 40


class How(StrEnum):
    """Where the value of a field comes from."""

    COLUMN = "column"
    CONSTANT = "constant"
    FIRST_OF = "first_of"
    SUM_OF = "sum_of"


@dataclass(frozen=True, slots=True)
class Source:
    """The source of one field: its columns, and how the cell is read."""

    how: How
    columns: tuple[str, ...] = ()
    constant: str = ""
    unit: str = ""
    form: str = ""
    values: tuple[tuple[str, str], ...] = ()
    negative: str = "refuse"
    scientific: str = "refuse"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Months:
    """A wide table: one column a month, newest first. `newest` is the month that the first columns speak of."""

    newest: str
    statements: tuple[str, ...]
    payments: tuple[str, ...]
    status: tuple[str, ...]
    unit: str = "yuan"
    paid_on_day: int = 15
    scientific: str = "refuse"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the section."""
        return (*self.statements, *self.payments, *self.status)


@dataclass(frozen=True, slots=True)
class DeclaredLender:
    """What a map says of its lender, for a house that does not know it yet; a known lender stays as it is."""

    profile: str
    name: str = ""
    signature: str = ""
    recorder: str = "unavailable"


@dataclass(frozen=True, slots=True)
class BookMap:
    """A checked map."""

    kind: Kind
    sources: tuple[tuple[str, Source], ...]
    lender: str = ""
    as_of: date | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    unit: str = "minor"
    currency: Currency = Currency.CNY
    is_synthetic: bool = False
    months: Months | None = None
    nothing_when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    declared: DeclaredLender | None = None
    body: str = field(default="", compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file that the map names, once, in order."""
        named = [column for _, source in self.sources for column in source.columns]
        named += [column for column, _ in self.nothing_when]
        if self.months is not None:
            named += self.months.columns
        return tuple(dict.fromkeys(named))


def read_map(body: str, name: str = "map.toml") -> BookMap:
    """Read and check a map. Refuses: what is not TOML, an unknown section, key, field or value, a required field
    without a source."""
    return _MapReader(body, name).read()


class _MapReader:
    """Reads one map; knows the text, so that a refusal can say on which line."""

    def __init__(self, body: str, name: str) -> None:
        self.body = body
        self.name = name

    def read(self) -> BookMap:
        document = self._document()
        self._keys("", document, ("file", "lender", "columns", "months", "nothing_when"))
        file = self._table(document, "file")
        self._keys("file", file, FILE_KEYS)
        kind = self._kind(file)
        months = self._months(document["months"]) if "months" in document else None
        if months is not None and kind is not Kind.ACCOUNTS:
            raise self._refused(
                "months", "", "只有 accounts 可以带 [months]", "only a map of accounts may have [months]"
            )
        sources = self._sources(self._table(document, "columns"), kind)
        self._required(sources, kind, file, months)
        self._constants(sources, kind)
        return BookMap(
            kind=kind,
            sources=sources,
            lender=self._word(file, "file", "lender"),
            as_of=self._as_of(file),
            encoding=self._choice(file, "file", "encoding", ENCODINGS) or None,
            delimiter=self._word(file, "file", "delimiter") or None,
            sheet=self._word(file, "file", "sheet") or None,
            unit=self._choice(file, "file", "unit", UNITS) or "minor",
            currency=Currency(
                self._choice(file, "file", "currency", tuple(currency.value for currency in Currency)) or "CNY"
            ),
            is_synthetic=self._flag(file, "file", "synthetic"),
            months=months,
            nothing_when=self._nothing_when(document.get("nothing_when", {})),
            declared=self._declared(self._table(document, "lender")) if "lender" in document else None,
            body=self.body,
        )

    def _declared(self, section: dict[str, Any]) -> DeclaredLender:
        self._keys("lender", section, ("profile", "name", "signature", "recorder"))
        profile = self._choice(section, "lender", "profile", PROFILES)
        if not profile:
            raise self._refused("lender", "profile", "[lender] 须有 profile", "[lender] needs a `profile`")
        return DeclaredLender(
            profile=profile,
            name=self._word(section, "lender", "name"),
            signature=self._word(section, "lender", "signature"),
            recorder=self._choice(section, "lender", "recorder", ("on", "unavailable")) or "unavailable",
        )

    def _document(self) -> dict[str, Any]:
        if len(self.body.encode()) > MAP_BYTES_MAX:
            raise self._refused(
                "", "", f"映射超过 {MAP_BYTES_MAX} 字节", f"the map has more than {MAP_BYTES_MAX} bytes"
            )
        try:
            return tomllib.loads(self.body)
        except tomllib.TOMLDecodeError as error:
            where = re.search(r"line (\d+)", str(error))
            line = where[1] if where else "?"
            raise MapRefused(
                "map_not_toml",
                Text(
                    f"{self.name}:{line}: 不是 TOML；请检查引号、等号与方括号",
                    f"{self.name}:{line}: not TOML; help: check quotes, equals signs and brackets",
                ),
            ) from error

    def _kind(self, file: dict[str, Any]) -> Kind:
        word = self._word(file, "file", "kind")
        try:
            return Kind(word)
        except ValueError:
            listed = ", ".join(Kind)
            raise self._refused(
                "file", "kind", f"kind 须为其中之一：{listed}", f"`kind` must be one of {listed}"
            ) from None

    def _as_of(self, file: dict[str, Any]) -> date | None:
        value = file.get("as_of")
        if value is None or type(value) is date:
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self._refused(
                "file", "as_of", "as_of 须为日期，如 2026-05-06", "`as_of` is a day such as 2026-05-06"
            ) from None

    def _sources(self, columns: dict[str, Any], kind: Kind) -> tuple[tuple[str, Source], ...]:
        sources = []
        for name, value in columns.items():
            found = field_of(kind, name)
            if found is None:
                listed = ", ".join(item.name for item in FIELDS[kind])
                raise self._refused(
                    "columns",
                    name,
                    f"{kind} 没有字段 `{name}`；可用：{listed}",
                    f"{kind} has no field `{name}`; help: one of {listed}",
                )
            sources.append((name, self._source(found, value)))
        return tuple(sources)

    def _source(self, found: Field, value: Any) -> Source:
        place = found.name
        if isinstance(value, str):
            return Source(How.COLUMN, (self._column(place, value),))
        if not isinstance(value, dict):
            raise self._refused(
                "columns",
                place,
                f"`{place}` 须为列名或 {{ column = … }}",
                f"`{place}` is a column name or {{ column = … }}",
            )
        self._keys(f"columns.{place}", value, SOURCE_KEYS)
        hows = [how for how in How if how.value in value]
        if len(hows) != 1:
            raise self._refused(
                "columns",
                place,
                f"`{place}` 须且只须写 column、constant、first_of、sum_of 之一",
                f"`{place}` needs exactly one of column, constant, first_of, sum_of",
            )
        how = hows[0]
        self._fits(found, how, value)
        listed = value[how.value] if how in (How.FIRST_OF, How.SUM_OF) else [value[how.value]]
        if not isinstance(listed, list) or not listed:
            raise self._refused("columns", place, f"`{how}` 须为列名列表", f"`{how}` is a list of column names")
        pairs = value.get("values", {})
        if not isinstance(pairs, dict) or not all(isinstance(word, str) for word in pairs.values()):
            raise self._refused("columns", place, 'values 须为 { 原值 = "取值" }', '`values` is { theirs = "ours" }')
        return Source(
            how=how,
            columns=() if how is How.CONSTANT else tuple(self._column(place, column) for column in listed),
            constant=str(value["constant"]) if how is How.CONSTANT else "",
            unit=self._choice(value, f"columns.{place}", "unit", UNITS),
            form=self._word(value, f"columns.{place}", "format"),
            values=tuple(pairs.items()),
            negative=self._choice(value, f"columns.{place}", "negative", ("refuse", "zero")) or "refuse",
            scientific=self._choice(value, f"columns.{place}", "scientific", ("refuse", "exact")) or "refuse",
            label=self._label(place, value),
        )

    def _fits(self, found: Field, how: How, value: dict[str, Any]) -> None:
        for key, fits, zh, en in (
            ("unit", found.is_amount, "只用于金额", "fits amounts only"),
            ("negative", found.is_amount, "只用于金额", "fits amounts only"),
            ("scientific", found.is_amount, "只用于金额", "fits amounts only"),
            ("sum_of", found.is_amount, "只用于金额", "fits amounts only"),
            ("format", found.is_day, "只用于日期与时间", "fits days and instants only"),
            ("label", how is How.COLUMN and not found.is_amount and not found.is_day, "只用于文字", "fits text only"),
        ):
            if key in value and not fits:
                raise self._refused("columns", found.name, f"`{key}` {zh}", f"`{key}` {en}")

    def _label(self, place: str, value: dict[str, Any]) -> str:
        label = self._word(value, f"columns.{place}", "label")
        if label and label.count("{}") != 1:
            raise self._refused("columns", place, "label 须恰有一处 {}", "`label` holds exactly one {}")
        return label

    def _column(self, place: str, name: Any) -> str:
        if not isinstance(name, str) or not name.strip():
            raise self._refused("columns", place, f"`{place}` 的列名须为文字", f"the column of `{place}` is a name")
        return name.strip()

    def _constants(self, sources: tuple[tuple[str, Source], ...], kind: Kind) -> None:
        """A constant that no row could pass with is the map's mistake; whether a day lies in the future is a row's."""
        at = datetime.max.replace(tzinfo=UTC)
        for name, source in sources:
            found = field_of(kind, name)
            if source.how is How.CONSTANT and found is not None:
                try:
                    found.make(Reading(at.date(), at, form=source.form))(source.constant)
                except BadValue as wrong:
                    told = PROBLEMS[wrong.code]
                    raise self._refused(
                        "columns",
                        name,
                        f"`{name}` 的常量「{source.constant[:CONSTANT_SHOWN_MAX]}」：{told.zh}",
                        f"the constant of `{name}`, '{source.constant[:CONSTANT_SHOWN_MAX]}': {told.en}",
                    ) from None

    def _required(
        self, sources: tuple[tuple[str, Source], ...], kind: Kind, file: dict[str, Any], months: Months | None
    ) -> None:
        given = {name for name, _ in sources}
        if "lender" in file:
            given.add("lender")
        absent = [item.name for item in FIELDS[kind] if item.required and item.name not in given]
        if absent:
            raise self._refused(
                "columns",
                "",
                f"缺少必填字段：{', '.join(absent)}",
                f"required fields have no column: {', '.join(absent)}",
            )
        if months is not None and given & {"principal", "oldest_unpaid_due_on", "state"}:
            raise self._refused(
                "columns",
                "principal",
                "[months] 已给出本金、状态与最早到期日，不得再映射",
                "[months] gives principal, state and oldest due day; help: leave them out of [columns]",
            )

    def _months(self, section: Any) -> Months:
        if not isinstance(section, dict):
            raise self._refused("months", "", "[months] 须为表", "[months] is a table")
        self._keys("months", section, MONTHS_KEYS)
        newest = self._word(section, "months", "newest")
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", newest):
            raise self._refused(
                "months", "newest", "newest 须为月份，如 2005-09", "`newest` is a month such as 2005-09"
            )
        lists = {}
        for key in ("statements", "payments", "status"):
            columns = section.get(key)
            if not isinstance(columns, list) or not 1 <= len(columns) <= MONTHS_MAX:
                raise self._refused(
                    "months",
                    key,
                    f"`{key}` 须为 1 至 {MONTHS_MAX} 个列名，最近的月份在前",
                    f"`{key}` is a list of 1 to {MONTHS_MAX} columns, newest month first",
                )
            lists[key] = tuple(self._column(key, column) for column in columns)
        paid_on_day = section.get("paid_on_day", 15)
        if type(paid_on_day) is not int or not 1 <= paid_on_day <= 28:
            raise self._refused("months", "paid_on_day", "paid_on_day 须为 1 至 28", "`paid_on_day` is 1 to 28")
        return Months(
            newest,
            **lists,
            unit=self._choice(section, "months", "unit", UNITS) or "minor",
            paid_on_day=paid_on_day,
            scientific=self._choice(section, "months", "scientific", ("refuse", "exact")) or "refuse",
        )

    def _nothing_when(self, section: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
        if not isinstance(section, dict) or not all(isinstance(words, list) and words for words in section.values()):
            raise self._refused(
                "nothing_when",
                "",
                '[nothing_when] 须写成 列名 = ["值", …]',
                '[nothing_when] is written column = ["value", …]',
            )
        return tuple((column, tuple(str(word) for word in words)) for column, words in section.items())

    def _table(self, document: dict[str, Any], key: str) -> dict[str, Any]:
        table = document.get(key)
        if not isinstance(table, dict):
            raise self._refused("", key, f"缺少 [{key}]", f"the map has no [{key}]")
        return table

    def _keys(self, place: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                listed = ", ".join(known)
                raise self._refused(
                    place, key, f"不认识的键 `{key}`；可用：{listed}", f"unknown key `{key}`; help: one of {listed}"
                )

    def _word(self, table: dict[str, Any], place: str, key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self._refused(place, key, f"`{key}` 须为文字", f"`{key}` is text")
        return value

    def _choice(self, table: dict[str, Any], place: str, key: str, known: tuple[str, ...]) -> str:
        word = self._word(table, place, key)
        if key in table and word not in known:
            listed = ", ".join(known)
            raise self._refused(place, key, f"`{key}` 须为其中之一：{listed}", f"`{key}` must be one of {listed}")
        return word

    def _flag(self, table: dict[str, Any], place: str, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self._refused(place, key, f"`{key}` 须为 true 或 false", f"`{key}` is true or false")
        return value

    def _refused(self, section: str, key: str, zh: str, en: str) -> MapRefused:
        place = f"{self.name}:{self._line(section, key)}"
        named = ".".join(part for part in (section, key) if part)
        return MapRefused("bad_map", Text(f"{place}: {named}: {zh}", f"{place}: {named}: {en}"))

    def _line(self, section: str, key: str) -> int:
        """The line where a key of a section stands; 1 where it cannot be found."""
        top = section.partition(".")[0]
        inside, heading_line = top == "", 1
        for number, line in enumerate(self.body.splitlines(), 1):
            heading = re.match(r"\s*\[([^\]]+)\]", line)
            if heading:
                inside = heading[1].strip().strip('"') in (top, section) if top else heading[1].strip() == key
                if inside:
                    heading_line = number
                    if heading[1].strip() == key:
                        return number
            if inside and key and re.search(rf"(^|[\s{{,\"'])({re.escape(key)})[\"']?\s*=", line):
                return number
        return heading_line
