"""The page of promises names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)+)`")


def test_every_promise_names_a_test_that_exists() -> None:
    lines = [
        line for line in (ROOT / "docs" / "properties.md").read_text(encoding="utf-8").splitlines() if "`tests/" in line
    ]
    assert lines
    for line in lines:
        found = NAMED.findall(line)
        assert len(found) == 1, f"one promise, one test: {line}"
        file, names = found[0]
        source = (ROOT / file).read_text(encoding="utf-8")
        *classes, test = names.strip(":").split("::")
        assert f"def {test}(" in source, line
        assert all(f"class {name}:" in source for name in classes), line
