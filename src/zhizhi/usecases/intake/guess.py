"""A proposed map from the names of columns and some rows.

A beginning for a person to correct, never taken without being read.
"""

import re
from collections.abc import Sequence

from zhizhi.usecases.intake.kinds import FIELDS, Field, Kind
from zhizhi.usecases.intake.limits import SAMPLE_ROWS

_TELLING: dict[Kind, tuple[str, ...]] = {
    Kind.PAYMENTS: ("reference", "paid_on", "amount"),
    Kind.REMITTANCES: ("reference", "arrived_on", "remark"),
    Kind.DEBIT_RESULTS: ("number", "result", "failure"),
    Kind.CORE_FIGURES: ("balance", "state"),
    Kind.INSTALMENTS: ("n", "due_on", "amount"),
    Kind.CONTACT_PERSONS: ("party", "relation"),
    Kind.ACCOUNTS: ("account", "name", "principal"),
    Kind.LENDERS: ("code", "profile"),
    Kind.AGENCIES: ("code", "listed"),
    Kind.STAFF: ("code", "role"),
    Kind.CONTACTS: ("reference", "channel", "direction"),
    Kind.STATEMENTS: ("at", "by", "kind"),
    Kind.PROMISES: ("promised_at", "due_on"),
    Kind.STOPS: ("kind", "from_on", "ground"),
    Kind.NOTES: ("action", "outcome", "next_step"),
    Kind.RESIDENCES: ("division",),
}
_DAY_FORMS = (
    (re.compile(r"[0-9]{8}"), "%Y%m%d"),
    (re.compile(r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}"), "%Y/%m/%d"),
    (re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"), "%Y年%m月%d日"),
    (re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"), "%d/%m/%Y"),
)


def guess_map(header: Sequence[str], samples: Sequence[Sequence[str]]) -> str:
    """A map in TOML with a comment on each column that was not understood."""
    kind = max(FIELDS, key=lambda one: _fit(one, header))
    found = _columns(kind, header)
    places = {name: index for index, name in enumerate(header)}
    lines = [
        "# 由列名与样例推测，请逐行核对后再用 · guessed from names and samples: read every line before use",
        "[file]",
        f'kind = "{kind}"',
        f'unit = "{_unit(kind, found, places, samples)}"  # minor：分 · fen; yuan：元',
    ]
    if "lender" not in found and kind not in (Kind.LENDERS, Kind.AGENCIES, Kind.STAFF):
        lines.append('lender = ""  # 机构代码 · code of the lender')
    lines += ["", "[columns]"]
    for field in FIELDS[kind]:
        if field.name in found:
            lines.append(f"{field.name} = {_source(field, found[field.name], places, samples)}  # {field.label.zh}")
        elif field.required and field.name != "lender":
            lines.append(
                f'# {field.name} = ""  # 必填，未找到：{field.label.zh} · required, not found: {field.label.en}'
            )
    unused = [name for name in header if name not in found.values()]
    if unused:
        lines += ["", "# 未使用的列 · columns not used: " + ", ".join(unused)]
    return "\n".join(lines) + "\n"


def _fit(kind: Kind, header: Sequence[str]) -> int:
    found = _columns(kind, header)
    return 10 * sum(name in found for name in _TELLING[kind]) * (
        3 if all(n in found for n in _TELLING[kind]) else 1
    ) + len(found)


def _columns(kind: Kind, header: Sequence[str]) -> dict[str, str]:
    """Field -> column: names that are equal, then names that are contained; a column is used once."""
    plain = {_plain(name): name for name in header}
    found: dict[str, str] = {}
    for field in FIELDS[kind]:
        for known in (field.name, *field.names):
            if _plain(known) in plain and plain[_plain(known)] not in found.values():
                found[field.name] = plain[_plain(known)]
                break
    for field in FIELDS[kind]:
        if field.name not in found:
            for known in field.names:
                match = next(
                    (
                        name
                        for form, name in plain.items()
                        if len(known) > 2 and _plain(known) in form and name not in found.values()
                    ),
                    None,
                )
                if match is not None:
                    found[field.name] = match
                    break
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-（）()【】]", "", name).lower()


def _unit(kind: Kind, found: dict[str, str], places: dict[str, int], samples: Sequence[Sequence[str]]) -> str:
    columns = [found[field.name] for field in FIELDS[kind] if field.is_amount and field.name in found]
    if columns and all(column.lower().endswith(("_minor", "分", "(fen)")) for column in columns):
        return "minor"
    cells = [row[places[column]] for column in columns for row in samples[:SAMPLE_ROWS]]
    return "yuan" if any("." in cell or "," in cell for cell in cells) or columns else "minor"


def _source(field: Field, column: str, places: dict[str, int], samples: Sequence[Sequence[str]]) -> str:
    quoted = _quoted(column)
    if field.is_day:
        cells = [cell for row in samples[:SAMPLE_ROWS] if (cell := row[places[column]].strip())]
        for shape, form in _DAY_FORMS:
            if cells and all(shape.fullmatch(cell) for cell in cells):
                return f'{{ column = {quoted}, format = "{form}" }}'
    return quoted


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
