"""Who saw whom, for a regulator: rows, leaves, proofs and the signed head of the log in one bundle.

Persons stand in it by their random id in the log and by the number of a case; no name and no masked form of one.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from zhizhi.core.evidence.bundle import (
    CHECKPOINTS,
    LEAVES,
    README,
    ROWS,
    BundledLeaf,
    leaf_line,
    write_bundle,
)
from zhizhi.core.evidence.bundle_archive import File
from zhizhi.core.evidence.export import VERIFIER_KEY
from zhizhi.core.evidence.leaf import Json, Leaf
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.sheets import ENCODING
from zhizhi.core.kernel.text import Text
from zhizhi.store.exports.words import DataClass
from zhizhi.store.views.proven import Proven, prove_views
from zhizhi.store.views.reads import WAYS, ViewFilter, ViewRow, load_views
from zhizhi.usecases.exports.content import Content, Made, SheetRow, Stamp, sheet
from zhizhi.usecases.exports.readme import readme
from zhizhi.usecases.refused import UseCaseRefused

ROWS_MAX = 10_000
SHEET = "documents/views.csv"
_HEADING = (
    *("条目 leaf", "时间 at", "方式 how", "内容 what", "查看人 who", "登录名 login", "岗位 role", "依据 ground"),
    *("被查看人编号 subject", "案件 case"),
)
_TOO_MANY = Text(
    f"多于 {ROWS_MAX} 条，请缩短期间或指定人员", f"more than {ROWS_MAX} rows; help: a shorter span, or one person"
)


def target_of(asked: ViewFilter) -> str:
    """The question as a target of an export. Refuses: a span that is open at an end."""
    if asked.from_at is None or asked.until_at is None:
        raise UseCaseRefused("no_span", Text("请写明起止日期", "help: name the first and the last day"), "first")
    told = {
        "person": asked.person_id,
        "staff": asked.staff_id,
        "ground": asked.ground,
        "way": asked.way,
        "from": asked.from_at.astimezone(UTC).isoformat(),
        "until": asked.until_at.astimezone(UTC).isoformat(),
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, separators=(",", ":"))


def asked_of(target: str) -> ViewFilter | None:
    """The question of a target; None where it is none."""
    try:
        told = json.loads(target)
        first, end = (datetime.fromisoformat(told[name]) for name in ("from", "until"))
        asked = ViewFilter(told.get("person"), told.get("staff"), told.get("ground"), first, end, told.get("way"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    is_sound = all(one is None or type(one) is int for one in (asked.person_id, asked.staff_id))
    return asked if is_sound and None not in (first.tzinfo, end.tzinfo) else None


def views_of(target: str, lender_id: int | None, at: datetime) -> Content | None:
    """What would be told; None where the question is none, or nobody saw anybody. Refuses: more than `ROWS_MAX`.

    Boundary: nothing later than `at`, so that what is approved, counted and taken is one span.
    """
    asked = asked_of(target)
    if asked is None or asked.from_at is None or asked.until_at is None or asked.until_at > at:
        return None
    rows, further = load_views(asked, limit=ROWS_MAX)
    if further is not None:
        raise UseCaseRefused("too_many", _TOO_MANY)
    if not rows:
        return None
    span = f"{asked.from_at:%Y-%m-%d} – {asked.until_at:%Y-%m-%d}"
    return Content(
        what=Text(f"查看记录 {span}，{len(rows)} 条", f"who saw whom, {span}, {len(rows)} entries"),
        name="who-saw-whom",
        lender_id=lender_id,
        data_class=DataClass.OTHER,
        rows=len({row.person_id for row in rows}),
        make=lambda stamp: _bundle(target, prove_views(rows), stamp),
        person_id=asked.person_id,
    )


def _bundle(target: str, proven: Proven, stamp: Stamp) -> Made:
    told: list[Json] = []
    lines: list[SheetRow] = []
    for row, leaf in proven.rows:
        document = Leaf.from_bytes(leaf.body).to_document()
        told.append(_told(row, leaf, document))
        lines.append(SheetRow(_cells(row, leaf, document)))
    rows = {"export": stamp.line, "rows": told}
    files: list[File] = [
        (README, readme(stamp.line).encode(ENCODING)),
        (VERIFIER_KEY, f"{proven.signer.verifier.to_text()}\n".encode()),
        (SHEET, sheet(_HEADING, lines, stamp).octets),
        (ROWS, canonical(rows)),
        (LEAVES, b"".join(leaf_line(leaf, proven.head) + b"\n" for _, leaf in proven.rows)),
        *_checkpoints(proven),
    ]
    manifest: Mapping[str, Json] = {
        "kind": "views",
        "export": stamp.line,
        "made_at": stamp.at.astimezone(UTC).isoformat(timespec="seconds"),
        "asked": json.loads(target),
        "leaves": len(proven.rows),
    }
    own = [[str(cell) for cell in line.own] for line in lines]
    return Made(write_bundle(manifest, files, proven.signer), "application/zip", "zip", own)


def _told(row: ViewRow, leaf: BundledLeaf, document: Mapping[str, Json]) -> dict[str, Json]:
    """One row: what the leaf says, which is checked, and `shown`: what the book says beside it today."""
    return {
        "leaf": leaf.position,
        "kind": document["kind"],
        "at": document["at"],
        "subject": document["subject"],
        "fields": {one.field: one.value for one in leaf.openings},
        "shown": {"how": row.way, "staff": row.staff, "login": row.login, "case": row.case_number},
    }


def _cells(row: ViewRow, leaf: BundledLeaf, document: Mapping[str, Json]) -> Sequence[str]:
    return (
        *(str(leaf.position), str(document["at"]), WAYS[row.way].zh, row.what_text.zh, row.staff, row.login, row.role),
        *(row.ground_text.zh, str(document["subject"]), row.case_number),
    )


def _checkpoints(proven: Proven) -> list[File]:
    first, head = proven.first, proven.head
    files = [(f"{CHECKPOINTS}checkpoint.{head.size}", head.note)]
    if proven.between is not None:
        files.insert(0, (f"{CHECKPOINTS}checkpoint.{first.size}", first.note))
        between: dict[str, Any] = dict(proven.between)
        files.append((f"{CHECKPOINTS}consistency.{first.size}-{head.size}.json", canonical(between)))
    return files
