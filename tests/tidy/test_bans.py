"""What must not be written, each with what to write instead."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidy.tree import dotted, named, parsed, python_files

# The clock is an argument; it is read once, where a request, a job or a command begins.
CLOCK_READERS = ("src/zhizhi/web/", "src/zhizhi/jobs/", "src/zhizhi/ops/", "src/zhizhi/config/")
CLOCK = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|timezone\.now|time\.(time|time_ns|localtime|gmtime))$"
)
NAIVE = re.compile(r"(^|\.)datetime\.(utcnow|utcfromtimestamp|today)$")
ROUNDING_HOME = "src/zhizhi/core/kernel/"
MONEY = ("src/zhizhi/core/debt/", "src/zhizhi/core/kernel/money", "src/zhizhi/store/debts/")
BANNED_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "info", "data"}
# Names that a framework calls; everything of our own is `load_*`, `access_*`, `to_*` or says what it does.
FRAMEWORK_GETTERS = {
    "get_command", "get_queryset", "get_context_data", "get_absolute_url", "get_db_prep_value", "get_prep_value",
    "get_internal_type", "get_by_natural_key", "get_user", "get_permission_codename", "get_username",
    "get_session_auth_hash", "get_full_name", "get_short_name", "get_extra_info",
}  # fmt: skip


def calls(*folders: str) -> Iterator[tuple[Path, ast.Call, str]]:
    for path in python_files(*folders):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield path, node, dotted(node.func)


def at(path: Path, node: ast.AST) -> str:
    return f"{named(path)}:{getattr(node, 'lineno', 0)}"


def clock_reads() -> list[str]:
    return [
        f"{at(path, node)}: `{name}()`; take `at` (or `today`) as an argument"
        for path, node, name in calls("src/")
        if CLOCK.search(name) and not named(path).startswith(CLOCK_READERS)
    ]


def written_out(path: Path) -> set[int]:
    """Values that are turned into text at once; a zone dropped there is only not printed."""
    return {
        id(node.func.value)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"isoformat", "strftime"}
    }


def naive_instants() -> list[str]:
    found = []
    for path, node, name in calls("src/", "scripts/", "benchmarks/"):
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        drops_zone = (
            name.endswith(".replace")
            and id(node) not in written_out(path)
            and any(
                keyword.arg == "tzinfo" and isinstance(keyword.value, ast.Constant) and keyword.value.value is None
                for keyword in node.keywords
            )
        )
        if NAIVE.search(name) or (name.endswith("datetime.now") and not arguments) or drops_zone:
            found.append(
                f"{at(path, node)}: `{name}` makes a time without zone; use `datetime.now(UTC)` and keep the zone"
            )
    return found


def roundings() -> list[str]:
    return [
        f"{at(path, node)}: `{name}()` rounds half to even; use the named rounding of `core/kernel`"
        for path, node, name in calls("src/zhizhi/core/", "src/zhizhi/usecases/", "src/zhizhi/store/")
        if (name == "round" or name.endswith(".quantize")) and not named(path).startswith(ROUNDING_HOME)
    ]


def floats_in_money() -> list[str]:
    found = []
    for path in python_files(*MONEY):
        for node in ast.walk(parsed(path)):
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if is_literal or (isinstance(node, ast.Name) and node.id == "float"):
                found.append(f"{at(path, node)}: a float near money; use integers of minor units and `Fraction`")
    return found


def prints() -> list[str]:
    return [
        f"{at(path, node)}: `print`; return the value, or `click.echo` in `ops/`"
        for path, node, name in calls("src/")
        if name == "print"
    ]


def vague_names() -> list[str]:
    found = []
    for path in python_files("src/", "tests/", "scripts/", "benchmarks/"):
        parts = {part.removesuffix(".py") for part in Path(named(path)).parts}
        for name in sorted(parts & BANNED_NAMES):
            found.append(f"{named(path)}: `{name}` says nothing; name what is in it")
    return found


def getters() -> list[str]:
    found = []
    for path in python_files("src/"):
        for node in ast.walk(parsed(path)):
            if (
                isinstance(node, ast.FunctionDef)
                and node.name.startswith("get_")
                and node.name not in FRAMEWORK_GETTERS
            ):
                found.append(f"{at(path, node)}: `{node.name}` hides its cost; use `load_`, `access_`, `to_` or a noun")
    return found


@pytest.mark.parametrize(
    "look",
    [clock_reads, naive_instants, roundings, floats_in_money, prints, vague_names, getters],
    ids=lambda look: look.__name__,
)
def test_nothing_banned_is_written(look: Callable[[], list[str]]) -> None:
    found = look()
    assert not found, "\n".join(found)
