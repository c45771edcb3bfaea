"""Every row of the law files is cited by an article, a rule or a reading, or stands in the list of rows left out."""

import re
from collections.abc import Iterator
from pathlib import Path

from zhizhi.core.law.pack import Pack
from zhizhi.store.packs import load_pack

PACKS = [
    load_pack(name)
    for name in (
        "cn.gbt45251", "cn.cba2026", "cn.nifa2018", "cn.cards", "cn.consumer_finance", "cn.microloan",
        "cn.internet_loans", "cn.statutes", "house.default",
    )
]  # fmt: skip
LEFT_OUT = Path(__file__).resolve().parents[2] / "docs/law/rows-left-out.md"
ROW = re.compile(r"(GBT|CBA|NIF|CC|CN22|CFC|MLC|IL|AL|ST|A|R)-?\d+[a-d]?")
STATUTE = re.compile(r"[A-H]-\d+")
NUMBERED = {
    "## Gate precedence": "S.GATE",
    "## Ambiguities and conservative readings": "S.AMB",
    "## Retention matrix": "S.RET",
}
"""Tables of the statutes file whose rows have a number only: cited as S.GATE-1, S.AMB-1, S.RET-1, in their order."""


def tables(text: str) -> Iterator[tuple[str, list[str]]]:
    """Rows of the tables of a page, with the heading that they stand under; heads and rules of tables aside."""
    heading = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells and not set(cells[0]) <= set("-: "):
            yield heading, cells


def rows_of_the_files(folder: Path) -> set[str]:
    conduct = tables((folder / "law/cn_conduct_standards.md").read_text(encoding="utf-8"))
    found = {cells[0] for _, cells in conduct if ROW.fullmatch(cells[0])}
    for heading, cells in tables((folder / "law/cn_statutes.md").read_text(encoding="utf-8")):
        if STATUTE.fullmatch(cells[0]):
            found.add(f"S.{cells[0]}")
        numbered = next((name for title, name in NUMBERED.items() if heading.startswith(title)), None)
        if numbered == "S.RET" and cells[0] != "data class":
            found.add(f"S.RET-{1 + sum(row.startswith('S.RET') for row in found)}")
        elif numbered is not None and cells[0].isdigit():
            found.add(f"{numbered}-{cells[0]}")
    return found


def cited(pack: Pack) -> set[str]:
    rules = {row for rule in pack.rules for row in rule.rows}
    readings = {note.title.split()[0] for note in pack.readings}
    return rules | readings | {article.row for article in pack.articles}


def left_out() -> dict[str, str]:
    listed = ((cells[0].strip("`"), cells[1]) for _, cells in tables(LEFT_OUT.read_text(encoding="utf-8")))
    return {row: reason for row, reason in listed if row != "row"}


def test_every_row_is_cited_or_left_out_with_a_reason(shared):
    rows = rows_of_the_files(shared)
    assert len(rows) > 350, "the tables of the law files were not read"
    held = set().union(*(cited(pack) for pack in PACKS))
    missing = rows - held - left_out().keys()
    assert not missing, f"rows without article, rule, reading or reason: {sorted(missing)}"


def test_a_row_left_out_exists_has_a_reason_and_is_cited_nowhere(shared):
    rows = rows_of_the_files(shared)
    held = set().union(*(cited(pack) for pack in PACKS))
    for row, reason in left_out().items():
        assert row in rows, f"{row} is no row of the law files"
        assert len(reason) > 10, f"{row} is left out without a reason"
        assert row not in held, f"{row} is cited and need not be left out"


def test_no_pack_cites_a_row_that_the_law_files_do_not_have(shared):
    known = rows_of_the_files(shared)
    for pack in PACKS:
        unknown = cited(pack) - known
        assert not unknown - {"default", "默认与法律的关系"}, f"{pack.id} cites {sorted(unknown)}"


def test_every_open_point_has_a_reading_with_both_readings_and_what_was_rejected(shared):
    rows = {row for row in rows_of_the_files(shared) if re.fullmatch(r"A-\d+", row)}
    notes = {note.title.split()[0]: note for pack in PACKS for note in pack.readings}
    for row in sorted(rows):
        assert row in notes, f"{row} has no reading"
        for word in ("从严", "平实", "被否", "Strict:", "Text:", "Rejected:"):
            assert word in notes[row].text, f"the reading of {row} says nothing under `{word}`"


def test_a_reading_that_a_rule_rests_on_stands_in_its_own_pack():
    for pack in (pack for pack in PACKS if pack.force != "house"):
        notes = {note.title.split()[0] for note in pack.readings}
        articles = {article.row for article in pack.articles}
        for rule in pack.rules:
            unread = {row for row in rule.rows if re.fullmatch(r"A-\d+", row)} - notes - articles
            assert not unread, f"{rule.id} rests on {sorted(unread)}, and {pack.id} has no such reading"


def test_what_is_of_low_confidence_restricts_the_strict_reading_and_is_marked_for_review():
    for pack in PACKS:
        numbers = {name for name, param in pack.params.items() if any(v.confidence == "low" for v in param.values)}
        for article in pack.articles:
            if article.confidence == "low":
                assert article.review, f"{pack.id} {article.row}"
            for rule in article.rules:
                if article.confidence == "low" or any(f"param({name})" in rule.notation for name in numbers):
                    assert set(rule.clauses) == {"strict"}, rule.id


def test_no_article_is_surer_than_the_law_file(shared):
    said = {}
    for name, prefix in (("cn_conduct_standards", ""), ("cn_statutes", "S.")):
        for _, cells in tables((shared / f"law/{name}.md").read_text(encoding="utf-8")):
            said[prefix + cells[0]] = cells[-1]
    order = ("low", "medium", "high")
    for pack in (pack for pack in PACKS if pack.force != "house"):
        for article in pack.articles:
            words = sorted(re.findall(r"\b(low|medium|high)\b", said.get(article.row, "")), key=order.index)
            if words:
                assert order.index(article.confidence) <= order.index(words[-1]), f"{pack.id} {article.row}"


def test_every_parameter_says_source_and_confidence():
    for pack in PACKS:
        for parameter in pack.params.values():
            for value in parameter.values:
                assert value.sources, f"{pack.id} {parameter.name}"
                assert value.confidence, f"{pack.id} {parameter.name}"
