"""Whoever opens a sheet of ours is attacked by no formula in it: every cell passes one place."""

import ast

from tidy.tree import SOURCE, named, python_files

ONE_PLACE = SOURCE / "core" / "kernel" / "sheets.py"
WRITERS = {("csv", "writer"), ("csv", "DictWriter"), ("openpyxl", "Workbook"), ("xlsxwriter", "Workbook")}


def test_sheets_are_written_in_one_place() -> None:
    found = []
    for path in python_files("src/"):
        if path == ONE_PLACE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            if (node.value.id, node.attr) in WRITERS:
                found.append(f"{named(path)}:{node.lineno}: write cells through core/kernel/sheets.py")
    assert not found, "\n".join(found)
