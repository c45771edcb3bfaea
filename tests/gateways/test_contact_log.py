"""Logs from outside: JSON as a table, rows in order on disk, the report on paper."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zhizhi.core.kernel.sheets import sheet_cells
from zhizhi.gateways.contact_log.opening import open_log
from zhizhi.gateways.contact_log.paper import PaperRefused, set_report
from zhizhi.gateways.contact_log.spool import DiskSpool
from zhizhi.gateways.files.sheet_file import SheetFile
from zhizhi.gateways.files.table import RowFault, TableError
from zhizhi.store.packs import load_law
from zhizhi.usecases.audit.facts import Facts
from zhizhi.usecases.audit.findings import HEADING, Finding
from zhizhi.usecases.audit.log_map import read_log_map
from zhizhi.usecases.audit.report import report_document
from zhizhi.usecases.audit.rows import LogReading
from zhizhi.usecases.audit.tally import Tally
from zhizhi.usecases.audit.workers import AuditPlace

AT = datetime(2026, 6, 1, tzinfo=UTC)


def test_an_array_of_objects_is_a_table_and_a_nested_one_a_faulty_row(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(
        json.dumps([{"at": "x", "n": 1}, {"n": True, "more": None}, {"n": {"deep": 1}}, 7]), encoding="utf-8"
    )
    with open_log(path) as table:
        assert table.columns == ("at", "n", "more")
        rows = list(table.rows())
    assert rows[:2] == [(1, ("x", "1", "")), (2, ("", "true", ""))]
    assert [row.row for row in rows[2:] if isinstance(row, RowFault)] == [3, 4]


@pytest.mark.parametrize("written", ["[", "[]", "[1, 2"])
def test_what_is_no_array_of_objects_is_refused_with_a_remedy(tmp_path: Path, written: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(TableError) as refused:
        open_log(path)
    assert "export it as" in refused.value.text.en


def test_a_csv_is_recognised_as_the_import_recognises_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("时间,号码\n2026-03-02 10:00,1\n".encode("gb18030"))
    with open_log(path) as table:
        assert table.columns == ("时间", "号码")


def test_rows_come_back_by_person_then_instant_then_row_and_nothing_stays_on_disk(tmp_path: Path) -> None:
    with DiskSpool(tmp_path) as spool:
        spool.add([("b", 2, 1, "x"), ("a", 3, 2, "x"), ("a", 1, 4, "x")])
        spool.add([("a", 1, 3, "y")])
        ordered = [row for batch in spool.ordered() for row in batch]
    assert [(person, row) for person, _, row, _ in ordered] == [("a", 3), ("a", 4), ("a", 2), ("b", 1)]
    assert list(tmp_path.iterdir()) == []


def test_no_cell_of_the_findings_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "findings.csv"
    finding = Finding(17, "2026-03-02 22:31:00", "=1+1", "voice", "@x", "-A", "breach", "", "", "low", rests_on="'")
    with SheetFile(path, HEADING) as findings:
        findings.add(finding.to_line())
    written = path.read_text(encoding="utf-8-sig")
    assert written.splitlines()[1] == "17,2026-03-02 22:31:00,'=1+1,voice,'@x,'-A,breach,,,low,,,,,'"
    heading, cells = sheet_cells(written)
    assert len(heading) == len(cells)
    assert Finding.from_cells(cells) == finding
    assert path.stat().st_mode & 0o077 == 0


def test_the_report_is_set_on_paper_for_an_empty_log_too() -> None:
    log_map = read_log_map('[log]\nchannel = "voice"\n[columns]\nat = "t"\nnumber = "n"\n')
    place = AuditPlace(LogReading(log_map, AT), "cn.bank.online", "strict", Facts(), None)
    document = report_document(place, Tally(), "空.csv", AT)
    assert document["packs"] == [
        {"id": pack.id, "version": pack.version, "sha256": pack.sha256} for pack in load_law("cn.bank.online").packs
    ]
    assert set_report(document, AT).startswith(b"%PDF")
    assert set_report(document, AT) == set_report(document, AT)


def test_without_a_chinese_font_no_paper_is_made(tmp_path: Path) -> None:
    with pytest.raises(PaperRefused) as refused:
        set_report({}, AT, fonts=(tmp_path,))
    assert "fonts-noto-cjk" in refused.value.text.en
