"""What leaves as a file goes one way; and whoever opens a sheet of ours is attacked by no formula in it."""

import ast

from tidy.tree import SOURCE, named, python_files, text

ONE_PLACE = SOURCE / "core" / "kernel" / "sheets.py"
WRITERS = {("csv", "writer"), ("csv", "DictWriter"), ("openpyxl", "Workbook"), ("xlsxwriter", "Workbook")}

# Where a page answers a file, and why each but the first is no export (docs/exports.md).
FILES = {
    "src/zhizhi/web/console/screens/exports.py": "counted, approved, marked and logged",
    "src/zhizhi/web/console/screens/imports.py": "row numbers and reasons, nothing of a row",
    "src/zhizhi/web/console/screens/suit_batches.py": "days and numbers of court files, no case and no person",
    "src/zhizhi/web/console/screens/builder.py": "what its writer typed into the form",
}


def test_files_leave_in_one_place() -> None:
    found = {named(path) for path in python_files("src/zhizhi/web/") if "Content-Disposition" in text(path)}
    assert found == set(FILES), "a file with rows about persons leaves through usecases/exports"


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
