"""A function and a module stay small enough to be read at once."""

import ast
from pathlib import Path

from tidy.tree import named, parsed, python_files, text

MODULE_LINES_MAX = 500
TEST_MODULE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
CORE_FUNCTION_LINES_MAX = 50


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_module_outgrows_its_limit() -> None:
    found = []
    for path in python_files("src/", "scripts/", "benchmarks/", "tests/"):
        limit = TEST_MODULE_LINES_MAX if named(path).startswith("tests/") else MODULE_LINES_MAX
        lines = text(path).count("\n")
        if lines > limit:
            found.append(
                f"{named(path)}: {lines} lines, limit {limit}; give the idea that outgrew it a module of its own"
            )
    assert not found, "\n".join(found)


def test_no_function_outgrows_its_limit() -> None:
    found = []
    for path in python_files("src/", "scripts/", "benchmarks/", "tests/"):
        limit = CORE_FUNCTION_LINES_MAX if named(path).startswith("src/zhizhi/core/") else FUNCTION_LINES_MAX
        for function in functions(path):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > limit:
                where = f"{named(path)}:{function.lineno}"
                found.append(
                    f"{where} `{function.name}`: {lines} lines, limit {limit}; keep the ifs, move the fors out"
                )
    assert not found, "\n".join(found)
