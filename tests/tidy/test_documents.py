"""Pages say what is there: links, paths, settings, commands, decisions."""

import re
import tomllib
from pathlib import Path

from tidy.tree import ROOT, documents, files, named, text

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
TOP_FOLDERS = ("src/", "docs/", "tests/", "scripts/", "requirements/", "benchmarks/", ".ci/")
TICKED_PATH = re.compile(r"`((?:src|docs|tests|scripts|requirements|benchmarks|\.ci)/[\w./-]+)(?:::?[\w:\[\]-]+)?`")
PAGE_IN_CODE = re.compile(r"\bdocs/[\w/-]+\.md\b")
SETTING = re.compile(r"\bZHIZHI_[A-Z_]+\b")
DECISION_HEADINGS = ("## Context", "## Decision", "## Rejected", "## Consequences")


def prose(path: Path) -> str:
    return FENCE.sub("", text(path))


def test_every_relative_link_leads_somewhere() -> None:
    found = []
    for page in documents():
        for target in LINK.findall(prose(page)):
            file, _, _ = target.partition("#")
            if file and "://" not in target and not target.startswith("mailto:") and not (page.parent / file).exists():
                found.append(f"{named(page)}: dead link `{target}`")
    assert not found, "\n".join(found)


def test_every_page_is_reached_from_the_readme() -> None:
    pages = {page.resolve() for page in documents()}
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        inside = set(page.glob("*.md")) if page.is_dir() else {page}  # a link to a folder leads to all in it
        waiting += [
            found.parent / target.partition("#")[0]
            for found in (inside - reached) & pages
            for target in LINK.findall(prose(found))
            if "://" not in target
        ]
        reached |= inside
    assert sorted(named(page) for page in pages - reached if page.is_relative_to(ROOT / "docs")) == []


def test_every_path_named_in_a_page_exists() -> None:
    found = [
        f"{named(page)}: no such path `{path}`"
        for page in documents()
        for path in TICKED_PATH.findall(prose(page))
        if not (ROOT / path).exists()
    ]
    assert not found, "\n".join(found)


def test_every_page_named_in_code_exists() -> None:
    found = [
        f"{named(path)}: no such page `{page}`"
        for path in files()
        if path.suffix in {".py", ".toml", ".in", ".sh", ".sql", ".html"}
        for page in set(PAGE_IN_CODE.findall(text(path)))
        if not (ROOT / page).exists()
    ]
    assert not found, "\n".join(sorted(found))


def test_every_setting_is_documented_for_the_operator() -> None:
    told = text(ROOT / "docs" / "operate.md")
    used = {
        name: named(path)
        for path in files()
        if path.suffix in {".py", ".sh"} and named(path).startswith(("src/", "scripts/"))
        for name in SETTING.findall(text(path))
    }
    found = [
        f"{where}: setting `{name}` is missing in docs/operate.md" for name, where in used.items() if name not in told
    ]
    assert not found, "\n".join(sorted(found))


def test_decisions_have_a_number_each_and_name_what_was_rejected() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers) > 0, f"two decisions share a number: {numbers}"
    found = [
        f"{named(page)}: no heading `{heading}`"
        for page in pages
        for heading in DECISION_HEADINGS
        if not re.search(rf"^{heading}\b", text(page), re.MULTILINE)
    ]
    assert not found, "\n".join(found)


def test_the_changelog_speaks_of_this_version() -> None:
    version = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["version"]
    changelog = text(ROOT / "CHANGELOG.md")
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    assert sections, "CHANGELOG.md has no section"
    newest = sections[0]
    heading = newest.splitlines()[0]
    assert heading.startswith(("Unreleased", "[Unreleased]")) or version in heading, (
        f"the newest section is `{heading}`"
    )
    assert re.search(r"^[-*] \S", newest, re.MULTILINE), f"section `{heading}` has no entry"
