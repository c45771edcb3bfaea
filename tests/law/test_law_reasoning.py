"""Differences of two laws with witnesses, proofs that a house pack only tightens, and what lint says of bad packs."""

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.conduct.reasoning.diff import Change, Difference, Finding, Standing, difference
from zhizhi.core.conduct.reasoning.scene import Scene
from zhizhi.core.conduct.reasoning.tighten import tightening
from zhizhi.core.law.house import house_errors, joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.core.law.reasoning import lint as linting
from zhizhi.core.law.reasoning.spans import stretches
from zhizhi.core.law.reasoning.verdicts import Side
from zhizhi.store.packs import (
    PACKS_ROOT,
    load_law,
    load_pack,
    read_pack,
    rewrite_manifest,
)

TODAY = date(2026, 3, 2)
GBT, ONLINE = "cn.gbt45251", "cn.consumer_finance.online"
TALKS, HOURS = f"{GBT}/5.3.2.2.2/valid-calls-per-day", f"{GBT}/5.3.1.3/contact-hours"
Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def small() -> Law:
    """One instrument alone, so that a question takes a second."""
    law = load_law(ONLINE)
    return Law(law.profile, law.title, law.zone, tuple(pack for pack in law.packs if pack.id == GBT), ())


def edited(folder: Path, article: str, old: str, new: str) -> Pack:
    """The pack with one word of one article replaced."""
    shutil.copytree(PACKS_ROOT / "cn" / "gbt45251", folder)
    file = folder / "articles" / f"{article}.md"
    written = file.read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new, 1), encoding="utf-8")
    return read_pack(folder)


def compared(law: Law, pack: Pack, reading: str = "strict") -> Difference:
    return difference(Side(law, reading), Side(joined(law, pack), reading), TODAY)


def finding(found: Difference, change: Change, rule: str) -> Finding:
    return next(one for one in found.findings if (one.change, one.rule) == (change, rule))


def assert_confirmed(found: Difference, one: Finding, old: Verdict, new: Verdict) -> None:
    """The reference itself, asked again, decides the witness as is claimed."""
    assert one.case is not None
    for side, wanted in ((found.old, old), (found.new, new)):
        case = parse_case({**one.case.document, "reading": side.reading})
        assert decide(case, side.law).verdict is wanted


def test_a_cap_by_debt_permits_a_fourth_call_about_another_debt(small, tmp_path):
    pack = edited(
        tmp_path / "p", "GBT-027", "agreed: conversations}", "agreed: conversations, per: [person, lender, debt]}"
    )
    found = compared(small, pack)
    one = finding(found, Change.PERMITTED, TALKS)
    assert_confirmed(found, one, Verdict.FORBID, Verdict.PERMIT)
    assert {tuple(event["debts"]) for event in one.case.document["events"]} >= {("d2",)}
    assert finding(found, Change.FORBIDDEN, TALKS).standing is Standing.PROVEN
    assert all(part.no_prohibition and not part.no_permission for part in found.compared)


def test_a_closed_edge_permits_the_one_second_of_ten_in_the_evening(small, tmp_path):
    pack = edited(
        tmp_path / "p", "GBT-016", "closes: param(contact_closes)}", "closes: param(contact_closes), edges: closed}"
    )
    found = compared(small, pack, "text")
    one = finding(found, Change.PERMITTED, HOURS)
    assert_confirmed(found, one, Verdict.FORBID, Verdict.PERMIT)
    assert one.case.document["proposed"]["at"].endswith("T22:00:00+08:00")
    assert all(part.no_prohibition for part in found.compared)


def test_strict_against_text_permits_more_and_forbids_nothing_new(small):
    found = difference(Side(small, "strict"), Side(small, "text"), TODAY)
    assert all(part.no_prohibition for part in found.compared)
    rules = {one.rule for one in found.findings if one.change is Change.PERMITTED and one.standing is Standing.WITNESS}
    assert {TALKS, HOURS, f"{GBT}/5.3.2.1/letter-interval", f"{GBT}/5.3.1.1/lost-contact-gate"} <= rules
    for one in found.findings:
        if one.change is Change.PERMITTED and one.case is not None:
            assert_confirmed(found, one, one.case.old.verdict, Verdict.PERMIT)
            assert one.case.old.verdict is not Verdict.PERMIT
    open_ones = [one for one in found.findings if one.standing in (Standing.NOT_BUILT, Standing.NOT_DECIDED)]
    assert not [one for one in open_ones if one.change is not Change.MOVED]


def test_a_letter_a_day_earlier_changes_the_next_instant_too(small, tmp_path):
    old = "days: param(letter_interval_days_whole)"
    found = compared(small, edited(tmp_path / "p", "GBT-031", old, "days: 9"))
    moved = finding(found, Change.MOVED, f"{GBT}/5.3.2.1/letter-interval")
    assert moved.case is not None
    assert moved.case.old.next_permitted_at < moved.case.new.next_permitted_at
    assert finding(found, Change.FORBIDDEN, f"{GBT}/5.3.2.1/letter-interval").standing is Standing.WITNESS


def test_the_same_pack_differs_in_nothing(small):
    found = compared(small, load_pack(GBT))
    assert not found.compared
    assert found.same


def test_a_rule_written_twice_over_is_proven_to_change_nothing(small, tmp_path):
    written = "when: {contact.channel: visit}\nrequire: {contact.team_size"
    again = "when: {contact.channel: visit}\nunless: [{contact.channel: voice}]\nrequire: {contact.team_size"
    found = compared(small, edited(tmp_path / "p", "GBT-030", written, again))
    assert found.compared
    assert all(part.no_permission and part.no_prohibition for part in found.compared)
    assert {one.standing for one in found.findings} == {Standing.PROVEN}


def test_a_witness_that_the_reference_does_not_confirm_is_never_given(small):
    scene = Scene(Side(small, "strict"), Side(small, "text"), TODAY)
    asked = scene.before.said[HOURS].forbids
    assert scene.witness(asked, lambda _: False, tries=2) is None
    assert scene.refined == 2


def house(folder: Path, lender: str = "house.default") -> Pack:
    shutil.copytree(PACKS_ROOT.joinpath(*lender.split(".")), folder)
    return read_pack(folder)


def test_the_house_pack_of_this_release_only_tightens(small):
    found = tightening(small, load_pack("house.default"), TODAY)
    assert found.is_proven
    assert found.proofs >= 60


def test_a_pack_in_the_place_of_a_stricter_one_is_no_house_pack(small, tmp_path):
    pack = edited(tmp_path / "p", "GBT-016", "closes: param(contact_closes)}", "closes: 1380}")
    found = tightening(small, pack, TODAY)
    assert not found.is_proven
    assert {error.text.en[:5] for error in found.errors} >= {"force", "id `c"}
    assert "voice" in {one.channel for one in found.loosened if one.question == "permitted"}
    loose = next(one for one in found.loosened if one.case is not None and one.question == "permitted")
    assert loose.case.old.verdict is not Verdict.PERMIT
    assert loose.case.new.verdict is Verdict.PERMIT


def test_a_house_pack_may_not_take_another_zone_nor_let_higher_numbers_count(small, tmp_path):
    folder = tmp_path / "house"
    house(folder)
    head = folder / "pack.toml"
    head.write_text(head.read_text(encoding="utf-8").replace("Asia/Shanghai", "Asia/Tokyo"), encoding="utf-8")
    for file in sorted((folder / "articles").iterdir()):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"cap: \{limit", "cap: {higher_counts: true, limit", text), encoding="utf-8")
    wrong = " ".join(error.text.en for error in house_errors(small, read_pack(folder)))
    assert "zone `Asia/Tokyo`" in wrong
    assert "higher_counts" in wrong


def test_lint_finds_rules_that_never_speak_that_are_covered_and_that_exclude_each_other(small, tmp_path):
    template = """
```rule
rule: {label}
topic: time
{body}
explain: {{zh: 试, en: trial}}
```
"""
    rules = {
        "never-speaks": "when: {party.role: debtor}\nforbid: {party.owes: false}",
        "covered": "when: {contact.channel: visit, contact.purpose: collect}\nrequire: {contact.id_shown: true}",
        "covers": "when: {contact.channel: visit}\nrequire: {contact.id_shown: true}",
        "on-demand": "when: {contact.channel: letter}\nrequire: {contact.recording: 'on'}",
        "off-demand": "when: {contact.channel: letter}\nrequire: {contact.recording: 'off'}",
        "nobody-can": "when: {contact.channel: public_post}\noblige: record_audio",
    }
    folder = tmp_path / "p"
    shutil.copytree(PACKS_ROOT / "cn" / "gbt45251", folder)
    article = folder / "articles" / "GBT-030.md"
    written = "".join(template.format(label=label, body=body) for label, body in rules.items())
    article.write_text(article.read_text(encoding="utf-8") + written, encoding="utf-8")
    case = "- {{rule: {0}, expect: {1}, title: trial, with: {{}}}}\n"
    cases = folder / "cases" / "GBT-030.yaml"
    decide_rules = [label for label in rules if label != "nobody-can"]
    told = "".join(case.format(label, expect) for label in decide_rules for expect in ("hit", "near_miss"))
    cases.write_text(cases.read_text(encoding="utf-8") + told, encoding="utf-8")
    found = {label: set[str]() for label in rules}
    for one in linting.lint(joined(small, read_pack(folder)), TODAY):
        label = one.rule.rpartition("/")[2]
        if label in found and one.level != "note":
            found[label].add(one.code)
    assert found == {
        "never-speaks": {"unreachable"}, "covered": {"subsumed"}, "covers": set(),
        "on-demand": {"contradiction"}, "off-demand": {"contradiction"}, "nobody-can": {"excluded_obligation"},
    }  # fmt: skip


def test_lint_finds_the_day_from_which_a_channel_has_no_cap(small, tmp_path):
    pack = edited(
        tmp_path / "p", "GBT-028", "confidence:", "in_force: {from: 2025-02-28, until: 2027-01-01}\nconfidence:"
    )
    gaps = [one for one in linting.lint(joined(small, pack), TODAY) if one.code == "gap"]
    assert [one.about for one in gaps] == ["visit 2027-01-01"]


def test_stretches_are_cut_where_rules_change_and_nowhere_else(small):
    for stretch in stretches([small]):
        first, last = Side(small, "strict").rules_on(stretch.first), stretch.day(date.max)
        assert [one.clause for one in first] == [one.clause for one in Side(small, "strict").rules_on(last)]


def test_manifest_of_a_copied_pack_still_agrees(tmp_path):
    root = tmp_path / "packs" / "cn"
    shutil.copytree(PACKS_ROOT / "cn" / "gbt45251", root / "gbt45251")
    assert rewrite_manifest(GBT, tmp_path / "packs") == load_pack(GBT).sha256
