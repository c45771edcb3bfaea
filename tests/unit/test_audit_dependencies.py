"""What the audit of dependencies makes of what its sources say."""

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)
ENTRY = '[[accepted]]\npackage = "a"\nid = "X-1"\non = 2026-11-01\nuntil = 2026-12-01\nreason = "not reached"\n'


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    """The script."""
    spec = importlib.util.spec_from_file_location("audit_dependencies", ROOT / "scripts" / "audit_dependencies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_an_advisory_without_an_entry_is_wrong_and_one_with_an_entry_is_not(audit: ModuleType) -> None:
    found = [audit.Advisory("a", "1.0", "X-1"), audit.Advisory("b", "2.0", "X-2")]
    assert audit.judge(found, audit.read_accepted(ENTRY), TODAY) == ["b 2.0: X-2"]
    assert audit.judge(found, [], TODAY) == ["a 1.0: X-1", "b 2.0: X-2"]


def test_an_entry_that_is_overdue_or_met_by_nothing_is_wrong(audit: ModuleType) -> None:
    accepted = audit.read_accepted(ENTRY)
    assert "look again" in audit.judge([audit.Advisory("a", "1.0", "X-1")], accepted, date(2027, 1, 1))[0]
    assert "remove the entry" in audit.judge([], accepted, TODAY)[0]
    assert audit.judge([], accepted, TODAY, is_whole=False) == [], "a source that is away proves nothing"


@pytest.mark.parametrize(
    "entry",
    [ENTRY.replace("not reached", " "), ENTRY.replace("2026-12-01", "2026-10-01"), ENTRY.replace("reason", "why")],
)
def test_an_entry_has_a_date_an_end_and_a_reason(audit: ModuleType, entry: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        audit.read_accepted(entry)


def test_what_could_not_be_looked_up_was_not_audited(audit: ModuleType) -> None:
    known = {"name": "a", "version": "1.0", "vulns": [{"id": "X-1"}]}
    assert audit.of_pip({"dependencies": [known]}) == [audit.Advisory("a", "1.0", "X-1")]
    with pytest.raises(audit.NoSource, match="b among them"):
        audit.of_pip({"dependencies": [known, {"name": "b", "skip_reason": "not found"}]})
    with pytest.raises(audit.NoSource, match="405"):
        audit.of_npm({"message": "405 Method Not Allowed"})
    via = {"url": "https://github.com/advisories/GHSA-x", "title": "t"}
    reported = {"vulnerabilities": {"c": {"range": "<1", "via": [via, "c"]}}}
    assert audit.of_npm(reported) == [audit.Advisory("c", "<1", "GHSA-x")]


def test_the_file_of_accepted_ones_is_readable(audit: ModuleType) -> None:
    audit.read_accepted(audit.ACCEPTED.read_text("utf-8"))
