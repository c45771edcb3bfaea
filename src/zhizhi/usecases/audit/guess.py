"""A proposed map of a contact log from its headings and first rows; for a person to read and correct."""

import re
from collections.abc import Sequence

from zhizhi.usecases.audit.fields import FIELDS, LogField
from zhizhi.usecases.intake.problems import BadValue

_PLAIN = re.compile(r"[\s_\-()()【】::]")
_CHANNEL_OF = (
    ("visit", ("外访", "上门", "team_size", "地点")),
    ("sms", ("短信", "发送", "sms", "message")),
    ("voice", ("呼叫", "通话", "被叫", "拨打", "call", "callee", "billsec", "振铃")),
)
_MIN_CONTAINED = 3


def guess_log_map(header: Sequence[str], samples: Sequence[Sequence[str]]) -> str:
    """A map in TOML; every column that was not understood is named in a comment."""
    found = _columns(header, samples)
    lines = [
        "# 由列名与样例推测,请逐行核对后再用 · guessed from names and samples: read every line before use",
        "[log]",
        'zone = "Asia/Shanghai"  # 没有时差标记的时刻按此时区 · of instants without an offset',
        "complete = false  # 日志是否包含全部触达(含其他机构) · whether the log holds every contact",
    ]
    if "channel" not in found:
        lines.append(f'channel = "{_channel(header)}"')
    lines += ["", "[columns]"]
    lines += [f"{name} = {_quoted(column)}  # {FIELDS[name].label.zh}" for name, column in found.items()]
    if "at" not in found and not {"date", "clock"} <= found.keys():
        lines.append('# at = ""  # 必填,未找到:时刻 · required, not found: the instant')
    unused = [name for name in header if name not in found.values()]
    if unused:
        lines += ["", "# 未使用的列 · columns not used: " + ", ".join(unused)]
    return "\n".join(lines) + "\n"


def _columns(header: Sequence[str], samples: Sequence[Sequence[str]]) -> dict[str, str]:
    """Field -> column: headings that are equal first, then headings that hold a name; a column is used once."""
    plain = {_plain(name): name for name in header}
    places = {name: place for place, name in enumerate(header)}
    found: dict[str, str] = {}
    for field in FIELDS.values():
        for known in (field.name, *field.names):
            column = plain.get(_plain(known))
            if column is not None and column not in found.values() and _readable(field, places[column], samples):
                found[field.name] = column
                break
    for field in FIELDS.values():
        if field.name not in found:
            column = _holding(field, plain, found, places, samples)
            if column is not None:
                found[field.name] = column
    if "at" in found:
        found.pop("clock", None)
        found.pop("date", None)
    return {name: found[name] for name in FIELDS if name in found}


def _holding(
    field: LogField,
    plain: dict[str, str],
    found: dict[str, str],
    places: dict[str, int],
    samples: Sequence[Sequence[str]],
) -> str | None:
    for known in field.names:
        for form, name in plain.items():
            if len(known) >= _MIN_CONTAINED and _plain(known) in form and name not in found.values():
                return name if _readable(field, places[name], samples) else None
    return None


def _readable(field: LogField, place: int, samples: Sequence[Sequence[str]]) -> bool:
    """Whether some of the sample's cells can be read as the field; an empty column is judged by its name alone."""
    cells = [cell for row in samples if place < len(row) and (cell := row[place].strip())]
    if not cells:
        return True
    return any(_reads(field, cell) for cell in cells[:50])


def _reads(field: LogField, cell: str) -> bool:
    try:
        field.read(cell)
    except BadValue:
        return False
    return True


def _channel(header: Sequence[str]) -> str:
    joined = " ".join(header).lower()
    return next((channel for channel, words in _CHANNEL_OF if any(word in joined for word in words)), "voice")


def _plain(name: str) -> str:
    return _PLAIN.sub("", name).lower()


def _quoted(column: str) -> str:
    escaped = column.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
