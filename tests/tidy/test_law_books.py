"""The books of the law are what the packs say: every row and rule is in them, in both languages, and they are fresh."""

import pytest

from tidy.tree import ROOT
from zhizhi.ops.law_books import INDEX, books
from zhizhi.store.packs import list_packs, list_profiles, load_law

FOLDER = ROOT / "docs" / "law"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Every book by its file name."""
    return books(list_packs(), [load_law(profile) for profile in list_profiles()])


def test_the_books_are_what_the_packs_say(written: dict[str, str]) -> None:
    found = [
        name
        for name, page in written.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != page
    ]
    assert not found, f"out of date; write them again with `make docs`: {found}"


def test_no_book_is_left_of_a_pack_that_is_gone(written: dict[str, str]) -> None:
    assert {page.name for page in FOLDER.glob("*.*.md")} == written.keys() - {INDEX}


def test_every_row_rule_number_and_case_of_a_pack_stands_in_its_book(written: dict[str, str]) -> None:
    for pack in list_packs():
        page = written[f"{pack.id}.md"]
        for article in pack.articles:
            assert f"`{article.row}`" in page
            assert article.paraphrase.zh in page
            assert article.paraphrase.en in page
        for rule in pack.rules:
            assert f"### `{rule.id}`" in page
            explain = rule.explain.fill(used="…", limit="…", release="…")
            assert f"> {explain.zh}<br>{explain.en}" in page
        assert page.count("应拦 hit:") + page.count("不应拦 near miss:") == len(pack.cases)


def test_the_same_packs_make_the_same_books_whatever_their_order(written: dict[str, str]) -> None:
    assert books(list_packs()[::-1], [load_law(profile) for profile in list_profiles()]) == written
