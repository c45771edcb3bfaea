"""The library: it needs nothing but itself, what its page promises is there, and the examples do what they say."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import zhizhi.core
from tidy.tree import ROOT
from zhizhi.core import Prevented, parse_plan, plan
from zhizhi.store.packs import load_law

REFERENCE = ROOT / "docs" / "reference"
FOREIGN = (
    "django", "psycopg", "duckdb", "ibis", "z3", "click", "requests", "httpx", "socket", "ssl", "subprocess", "sqlite3",
    "asyncio", "logging", "random", "secrets", "procrastinate", "numpy", "pandas",
)  # fmt: skip
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def in_a_fresh_interpreter(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "program",
    ["import zhizhi.core", "from zhizhi.core import *", "from zhizhi.store.packs import load_law; load_law('us.regf')"],
)
def test_the_library_pulls_in_nothing_that_reaches_outside(program):
    bare = "import sys, re, json, datetime, zoneinfo, tomllib, hashlib, fractions, importlib.resources, yaml, typing"
    loaded = f"{bare}\nbefore = set(sys.modules)\n{program}\nprint(*sorted(set(sys.modules) - before))"
    roots = {name.partition(".")[0] for name in in_a_fresh_interpreter(loaded).split()}
    assert not roots & set(FOREIGN)


def test_importing_the_package_alone_imports_nothing_else_of_it():
    loaded = in_a_fresh_interpreter(
        "import sys, zhizhi.core\nprint(*[n for n in sys.modules if n.startswith('zhizhi')])"
    )
    assert loaded.split() == ["zhizhi", "zhizhi.core"]


def test_every_public_name_is_there_and_on_the_page():
    page = (REFERENCE / "core.md").read_text(encoding="utf-8")
    assert set(zhizhi.core.__all__) == set(zhizhi.core._HOMES)
    for name in zhizhi.core.__all__:
        home = importlib.import_module(f"zhizhi.core.{zhizhi.core._HOMES[name]}")
        assert getattr(zhizhi.core, name) is getattr(home, name)
        assert getattr(zhizhi.core, name).__doc__, name
        assert name in page, name
    assert set(zhizhi.core.__all__) <= set(dir(zhizhi.core))


def test_a_name_that_is_not_public_is_refused_as_ever():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = zhizhi.core.nothing_of_the_kind
    with pytest.raises(ImportError):
        exec("from zhizhi.core import nothing_of_the_kind")


def test_the_example_of_the_library_prints_what_the_page_says():
    blocks = FENCED.findall((REFERENCE / "core.md").read_text(encoding="utf-8"))
    (program,) = [text for language, text in blocks if language == "python"]
    (printed,) = [text for language, text in blocks if language == "text"]
    assert in_a_fresh_interpreter(program) == printed


def test_the_example_of_a_plan_is_answered_as_the_page_says():
    blocks = FENCED.findall((REFERENCE / "plan.md").read_text(encoding="utf-8"))
    request, said = (json.loads(text) for language, text in blocks if language == "json")
    asked = parse_plan(request)
    answer = plan(asked.case, asked.wishes, load_law(asked.case.profile), asked.horizon)
    assert isinstance(answer, Prevented)
    document = json.loads(json.dumps(answer.to_document()))
    changing = {
        "packs": [{**pack, "version": "…", "sha256": "…"} for pack in document["packs"]],
        "engine": said["engine"],
    }
    assert {**document, **changing} == said


def test_the_package_says_that_it_is_typed():
    assert (Path(zhizhi.core.__file__).parents[1] / "py.typed").exists()
