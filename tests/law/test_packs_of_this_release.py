"""The packs that ship: they verify, their own cases hold, time leaves no gap, and a profile says what it lacks."""

from datetime import timedelta
from shutil import copytree

import pytest

from law.contacts import contact, decided
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.pack_cases import pack_case_fails
from zhizhi.core.law.law import rules_on
from zhizhi.core.law.nodes import params_of
from zhizhi.store.packs import PACKS_ROOT, UnknownProfile, list_packs, list_profiles, load_law, rewrite_manifest

PACKS = list_packs()
PACK_CASES = [(pack, case) for pack in PACKS for case in pack.cases]


@pytest.mark.parametrize(("pack", "case"), PACK_CASES, ids=[f"{p.id} {c.rule} {c.title}" for p, c in PACK_CASES])
def test_each_hit_hits_and_each_near_miss_misses(pack, case):
    assert pack_case_fails(pack, case, load_law(str(case.document["profile"]))) is None


@pytest.mark.parametrize("pack", PACKS, ids=[pack.id for pack in PACKS])
def test_a_pack_verifies_and_says_where_each_article_comes_from(pack):
    assert pack.verified, f"run `zhizhi law manifest {pack.id}`"
    for article in pack.articles:
        assert article.sources
        assert article.title.zh
        assert article.paraphrase.zh
        assert article.paraphrase.en
        assert (article.modelled == "rules") == bool(article.rules)


def test_no_parameter_has_a_gap_on_any_day_that_a_rule_stands():
    for profile in list_profiles():
        law = load_law(profile)
        turns = {span.first for pack in law.packs for span in [pack.in_force]}
        for day in {turn + timedelta(days=shift) for turn in turns for shift in (-1, 0, 1, 400)}:
            for reading in ("strict", "text"):
                for bound in rules_on(law, reading, day):
                    assert not list(params_of(bound.clause))


def test_a_rule_of_low_confidence_speaks_in_the_strict_reading_only():
    rules = [rule for pack in PACKS for rule in pack.rules if rule.confidence == "low"]
    assert rules
    assert all(set(rule.clauses) == {"strict"} for rule in rules)


@pytest.mark.parametrize("profile", [name for name in list_profiles() if name.startswith("cn.")])
def test_a_chinese_profile_is_complete_and_warns_of_nothing(profile):
    law = load_law(profile)
    assert not law.is_partial
    assert not law.broken
    assert not [warned for warned in decided(contact(profile)).warnings if warned.code == "profile_partial"]


def test_a_partial_profile_warns_with_the_names_of_what_it_lacks(tmp_path):
    pack = PACKS_ROOT / "cn/microloan"
    copytree(pack, tmp_path / "cn/microloan")
    head = tmp_path / "cn/microloan/pack.toml"
    head.write_text(head.read_text("utf-8").replace("complete = true", "complete = false"), "utf-8")
    named = (
        '[profile."cn.microloan"]\nzh = "试"\nen = "try"\nzone = "Asia/Shanghai"\npacks = ["cn.gone", "cn.microloan"]\n'
    )
    (tmp_path / "profiles.toml").write_text(named, "utf-8")
    rewrite_manifest("cn.microloan", tmp_path)
    law = load_law("cn.microloan", tmp_path)
    assert law.is_partial
    warning = decide(parse_case(contact("cn.microloan")), law).warnings[0]
    assert (warning.code, warning.packs) == ("profile_partial", ("cn.gone", "cn.microloan"))


def test_a_profile_without_any_pack_never_permits():
    document = contact("us.regf")
    document["debtor"]["time_zones"] = ["America/New_York"]
    law = load_law("us.regf")
    if law.packs:
        pytest.skip("the profile has its packs")
    decision = decided(document)
    assert (decision.verdict, decision.hold_for, decision.next_permitted_at) == ("hold", "person", None)
    assert decision.unknown == ("packs.us.regf",)


def test_an_unknown_profile_is_refused():
    with pytest.raises(UnknownProfile):
        load_law("cn.pawn")


def test_before_an_instrument_is_in_force_its_rules_do_not_speak():
    law = load_law("cn.bank.card")
    first = next(pack.in_force.first for pack in law.packs if pack.id == "cn.cba2026")
    before = {bound.rule.id.partition("/")[0] for bound in rules_on(law, "strict", first - timedelta(days=1))}
    after = {bound.rule.id.partition("/")[0] for bound in rules_on(law, "strict", first)}
    assert "cn.cba2026" not in before
    assert "cn.cba2026" in after


def test_claims_that_must_not_be_encoded_are_not():
    """No lunch ban, no evening ban at 21:00, no holiday ban, no working-day window."""
    numbers = {(p.id, name, v.value) for p in PACKS for name, param in p.params.items() for v in param.values}
    assert {value for _, name, value in numbers if name == "contact_opens"} == {8 * 60}
    assert {value for _, name, value in numbers if name == "contact_closes"} == {22 * 60}
    assert (PACKS_ROOT / "profiles.toml").is_file()
