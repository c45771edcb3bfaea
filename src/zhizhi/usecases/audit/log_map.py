"""The map of a contact log: which column is which field, the zone of its clock, and what is assumed. TOML, strict."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zhizhi.core.conduct.audit.knowledge import Assumption
from zhizhi.core.conduct.words import CHANNELS
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.audit.fields import FIELDS
from zhizhi.usecases.intake.limits import MAP_BYTES_MAX
from zhizhi.usecases.intake.problems import MapRefused

LOG_KEYS = ("channel", "zone", "debtor_zone", "complete", "of", "encoding", "delimiter", "sheet")
SOURCE_KEYS = ("column", "constant", "first_of", "values", "format")
LOG_OF = ("house", "phone")
ENCODINGS = ("utf-8", "gb18030")
_ASSUMED = frozenset(Assumption) - {Assumption.COMPLETE}


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where a field comes from: the first column that is not empty, or a constant; `values`: their word for ours."""

    columns: tuple[str, ...] = ()
    constant: str = ""
    values: tuple[tuple[str, str], ...] = ()
    form: str = ""


@dataclass(frozen=True, slots=True)
class LogMap:
    """A checked map. `of`: `house` where the log's owner calls, `phone` where the borrower's own phone wrote it."""

    sources: tuple[tuple[str, LogSource], ...]
    channel: str = ""
    zone: str = "Asia/Shanghai"
    debtor_zone: str = ""
    of: str = "house"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    assumed: frozenset[Assumption] = _ASSUMED
    body: str = field(default="", compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the map names, once, in order."""
        return tuple(dict.fromkeys(column for _, source in self.sources for column in source.columns))

    @property
    def fields(self) -> frozenset[str]:
        """The fields that have a source."""
        return frozenset(name for name, _ in self.sources)


def read_log_map(body: str, name: str = "map.toml") -> LogMap:
    """Read and check a map. Refuses: what is no TOML, an unknown key, field or word, a log without time or person."""
    document = _document(body, name)
    _known(name, "", document, ("log", "columns", "assume"))
    log = _table(name, document, "log")
    _known(name, "log", log, LOG_KEYS)
    sources = tuple(
        (field_name, _source(name, field_name, written))
        for field_name, written in _table(name, document, "columns").items()
    )
    found = LogMap(
        sources=sources,
        channel=_choice(name, "log", log, "channel", CHANNELS),
        zone=_zone(name, log, "zone") or "Asia/Shanghai",
        debtor_zone=_zone(name, log, "debtor_zone"),
        of=_choice(name, "log", log, "of", LOG_OF) or "house",
        encoding=_choice(name, "log", log, "encoding", ENCODINGS) or None,
        delimiter=_word(name, "log", log, "delimiter") or None,
        sheet=_word(name, "log", log, "sheet") or None,
        assumed=_assumed(name, log, document.get("assume", {})),
        body=body,
    )
    _check_whole(name, found)
    return found


def _check_whole(name: str, found: LogMap) -> None:
    fields = found.fields
    if "at" not in fields and not {"date", "clock"} <= fields:
        raise _refused(name, "columns.at", "须有 at,或 date 与 clock", "needs `at`, or `date` and `clock`")
    if not fields & {"number", "person"}:
        raise _refused(
            name,
            "columns.number",
            "须有 number(对方号码)或 person(客户编号)",
            "needs `number` (who was contacted) or `person` (whose case)",
        )
    if not found.channel and "channel" not in fields:
        raise _refused(
            name, "log.channel", "须有渠道列,或写明 channel", "needs a column `channel`, or `channel` under [log]"
        )


def _document(body: str, name: str) -> dict[str, Any]:
    if len(body.encode()) > MAP_BYTES_MAX:
        raise _refused(name, "", f"映射超过 {MAP_BYTES_MAX} 字节", f"the map has more than {MAP_BYTES_MAX} bytes")
    try:
        return tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        line = where[1] if where else len(body.splitlines())  # it ends in the middle
        text = Text(
            f"{name}:{line}: 不是 TOML;请检查引号、等号与方括号",
            f"{name}:{line}: not TOML; help: check quotes, equals signs and brackets",
        )
        raise MapRefused("map_not_toml", text) from error


def _source(name: str, field_name: str, written: object) -> LogSource:
    place = f"columns.{field_name}"
    if field_name not in FIELDS:
        listed = ", ".join(FIELDS)
        raise _refused(name, place, f"没有这个字段;可用:{listed}", f"no such field; help: one of {listed}")
    if isinstance(written, str) and written:
        return LogSource((written,))
    if not isinstance(written, dict):
        raise _refused(name, place, "须为列名或 { column = … }", "is a column name or { column = … }")
    _known(name, place, written, SOURCE_KEYS)
    hows = [how for how in ("column", "constant", "first_of") if how in written]
    if len(hows) != 1:
        raise _refused(
            name, place, "须且只须写 column、constant、first_of 之一", "needs exactly one of column, constant, first_of"
        )
    listed_columns = written["first_of"] if hows[0] == "first_of" else [written.get("column", "")]
    if not isinstance(listed_columns, list) or not all(isinstance(one, str) for one in listed_columns):
        raise _refused(name, place, "first_of 须为列名列表", "`first_of` is a list of column names")
    pairs = written.get("values", {})
    if not isinstance(pairs, dict) or not all(isinstance(word, str) for word in pairs.values()):
        raise _refused(name, place, 'values 须为 { 原值 = "取值" }', '`values` is { theirs = "ours" }')
    if hows[0] == "constant":
        return LogSource(constant=str(written["constant"]), values=tuple(pairs.items()))
    return LogSource(tuple(listed_columns), "", tuple(pairs.items()), _word(name, place, written, "format"))


def _assumed(name: str, log: dict[str, Any], section: object) -> frozenset[Assumption]:
    if not isinstance(section, dict):
        raise _refused(name, "assume", "须为表", "is a table")
    _known(name, "assume", section, tuple(Assumption))
    chosen = {Assumption.COMPLETE: log.get("complete", False), **section}
    for key, value in chosen.items():
        if not isinstance(value, bool):
            raise _refused(name, f"assume.{key}", "须为 true 或 false", "is true or false")
    return frozenset(one for one in Assumption if chosen.get(one, one in _ASSUMED))


def _zone(name: str, log: dict[str, Any], key: str) -> str:
    word = _word(name, "log", log, key)
    if word:
        try:
            zone_of(word)
        except ValueError:
            raise _refused(
                name, f"log.{key}", "不是 IANA 时区,如 Asia/Shanghai", "no IANA zone such as Asia/Shanghai"
            ) from None
    return word


def _table(name: str, document: dict[str, Any], key: str) -> dict[str, Any]:
    table = document.get(key)
    if not isinstance(table, dict):
        raise _refused(name, key, f"缺少 [{key}]", f"the map has no [{key}]")
    return table


def _known(name: str, place: str, table: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            listed = ", ".join(keys)
            raise _refused(
                name, f"{place}.{key}".strip("."), f"不认识的键;可用:{listed}", f"unknown key; help: one of {listed}"
            )


def _word(name: str, place: str, table: Mapping[str, object], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise _refused(name, f"{place}.{key}", "须为文字", "is text")
    return value


def _choice(name: str, place: str, table: Mapping[str, object], key: str, known: tuple[str, ...]) -> str:
    word = _word(name, place, table, key)
    if word and word not in known:
        listed = ", ".join(known)
        raise _refused(name, f"{place}.{key}", f"须为其中之一:{listed}", f"must be one of {listed}")
    return word


def _refused(name: str, place: str, zh: str, en: str) -> MapRefused:
    return MapRefused("bad_map", Text(f"{name}: {place}: {zh}", f"{name}: {place}: {en}"))
