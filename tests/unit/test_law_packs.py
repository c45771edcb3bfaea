"""Packs that must not load: errors name file, line and remedy; and what does not verify permits nothing."""

from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from law.contacts import contact
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.law import mistakes
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.pack import MANIFEST, Pack, manifest_of
from zhizhi.core.law.pack_files import parse_pack
from zhizhi.store.packs import load_law, load_pack, rewrite_manifest

HEAD = """id = "cn.try"
version = "1"
force = "house"
zone = "Asia/Shanghai"
cites = "TRY"
sources = ["S01"]
reviewer = "nobody"

[title]
zh = "试"
en = "try"

[in_force]
from = 2026-01-01
"""
ARTICLE = """---
row: T-1
article: 1
confirmed: true
confidence: high
sources: [S01]
title_en: hours
---
# 时段
只在白天。

By day only.

```rule
rule: by-day
topic: time
when: {contact.continues: false}
window: {opens: param(opens), closes: 1320}
explain: {zh: 时段外, en: outside}
```
"""
PARAM = "unit: minute_of_day\nzh: 开\nen: opens\nvalues:\n  - {from: 2026-01-01, value: 480, row: T-1}\n"
CASES = """- rule: by-day
  expect: hit
  title: late
  with: {reading: text}
- rule: by-day
  expect: near_miss
  title: early
  with: {}
"""
FILES = {
    "pack.toml": HEAD,
    "articles/T-1.md": ARTICLE,
    "params/opens.yaml": PARAM,
    "cases/base.yaml": "profile: cn.bank.card\n",
    "cases/T-1.yaml": CASES,
    "CHANGES.md": "# 1\n",
    "readings/0001-day.md": "# day\ntext\n",
}


def pack_with(name: str, change: Callable[[str], str | None]) -> Pack:
    files = dict(FILES)
    changed = change(files[name])
    if changed is None:
        del files[name]
    else:
        files[name] = changed
    return parse_pack({path: text.encode() for path, text in files.items()})


def swap(before: str, after: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert before in text, f"`{before}` stands nowhere"
        return text.replace(before, after, 1)

    return change


RULE = "articles/T-1.md"
NUMBER = "params/opens.yaml"
BROKEN = [
    ("pack.toml", lambda _: None, "pack.toml:1", "missing"),
    ("pack.toml", swap("[title]", "[title"), "pack.toml:9", "no TOML"),
    ("pack.toml", swap('reviewer = "nobody"', 'colour = "red"'), "pack.toml:7", "unknown key `colour`"),
    ("pack.toml", swap('reviewer = "nobody"\n', ""), "pack.toml:1", "key `reviewer` is missing"),
    ("pack.toml", swap('"house"', '"wish"'), "pack.toml:3", "unknown force `wish`"),
    ("pack.toml", swap("Asia/Shanghai", "Asia/Atlantis"), "pack.toml:4", "unknown zone"),
    ("pack.toml", swap('en = "try"\n', ""), "pack.toml:9", "`title` is incomplete"),
    ("CHANGES.md", lambda _: None, "CHANGES.md:1", "missing"),
    (RULE, swap("---\nrow", "row"), "articles/T-1.md:1", "no front matter"),
    (RULE, swap("row: T-1", "row: T-2"), "articles/T-1.md:2", "stands in another file"),
    (RULE, swap("confidence: high", "confidence: sure"), "articles/T-1.md:5", "unknown word `sure`"),
    (RULE, swap("# 时段\n", ""), "articles/T-1.md:9", "no title"),
    (RULE, swap("```rule", "```text"), "articles/T-1.md:2", "has no rule"),
    (RULE, swap("topic: time", "topic: weather"), "articles/T-1.md:16", "unknown word `weather`"),
    (RULE, swap("topic: time", "colour: red"), "articles/T-1.md:16", "unknown key `colour`"),
    (RULE, swap("topic: time\n", ""), "articles/T-1.md:15", "key `topic` is missing"),
    (RULE, swap("rule: by-day", "rule: By Day"), "articles/T-1.md:15", "is no label"),
    (RULE, swap("contact.continues: false", "contact.mood: bad"), "articles/T-1.md:17", "unknown feature"),
    (RULE, swap("contact.continues: false", "contact.channel: pigeon"), "articles/T-1.md:17", "`pigeon`"),
    (RULE, swap("contact.continues: false", "contact.team_size: 2"), "articles/T-1.md:17", "has unit integer"),
    (RULE, swap("contact.continues: false", "contact.channel: {at_least: 2}"), f"{RULE}:17", "no number"),
    (RULE, swap("closes: 1320", "closes: late"), "articles/T-1.md:18", "`late` is no number"),
    (RULE, swap("closes: 1320", "closes: 1320, lunch: 720"), "articles/T-1.md:18", "unknown key `lunch`"),
    (RULE, swap("param(opens)", "param(begins)"), "articles/T-1.md:15", "parameter `begins` is missing"),
    (RULE, swap("explain:", "forbid: true\nexplain:"), "articles/T-1.md:15", "exactly one thing, not 2"),
    (RULE, swap("{zh: 时段外, en: outside}", "{zh: 时段外}"), "articles/T-1.md:19", "key `en` is missing"),
    (RULE, swap("en: outside", "en: 'outside {used}'"), "articles/T-1.md:19", "`{used}` has no value"),
    (RULE, swap("confidence: high", "confidence: low"), "articles/T-1.md:15", "may only restrict the strict"),
    (RULE, swap("topic: time", "topic: [time"), "articles/T-1.md:", "no YAML"),
    (RULE, swap("topic: time", "topic: time\ntopic: stop"), "articles/T-1.md:17", "stands twice"),
    (NUMBER, swap("minute_of_day", "dayz"), "params/opens.yaml:1", "unknown word `dayz`"),
    (NUMBER, swap("value: 480", "value: early"), "params/opens.yaml:5", "an integer is wanted"),
    (NUMBER, swap("value: 480", "value: -1"), "params/opens.yaml:5", "is not negative"),
    (NUMBER, swap("2026-01-01", "2026-02-30"), "params/opens.yaml:5", "is no day"),
    (NUMBER, swap("2026-01-01", "2026-06-01"), "params/opens.yaml:1", "no value on 2026-01-01"),
    (NUMBER, swap(", value", ", until: 2026-06-01, value"), "params/opens.yaml:1", "no value from 2026-06-01"),
    (NUMBER, lambda text: text + "  - {from: 2026-07-01, value: 540, row: T-1}\n", "params/opens.yaml:6", "a gap"),
    ("cases/T-1.yaml", swap("expect: near_miss", "expect: hit"), "articles/T-1.md:15", "has no near miss case"),
    ("cases/T-1.yaml", swap("expect: hit", "expect: near_miss"), "articles/T-1.md:15", "has no hit case"),
    ("cases/T-1.yaml", lambda _: None, "articles/T-1.md:15", "has no hit case"),
    ("cases/T-1.yaml", swap("rule: by-day", "rule: by-night"), "cases/T-1.yaml:1", "unknown rule `by-night`"),
    ("readings/0001-day.md", swap("# day", "day"), "readings/0001-day.md:1", "no title"),
    (RULE, swap("topic: time", "topic: time\nreading: {strict: false, text: false}"), f"{RULE}:15", "under no reading"),
    (RULE, swap("when: {contact.continues: false}", "when: night"), f"{RULE}:17", "mapping of features"),
    (RULE, swap("contact.continues: false", "contact.channel: []"), f"{RULE}:17", "no value to compare"),
    (RULE, swap("contact.continues: false", "contact.channel: {not: im, at_least: 1}"), f"{RULE}:17", "says one thing"),
    (RULE, swap("window: {opens: param(opens), closes: 1320}", "cap: {count: dials}"), f"{RULE}:18", "needs a limit"),
    (RULE, swap("title_en: hours", "title_en: hours\nmodelled: defined"), f"{RULE}:2", "a reason and no rule"),
    (RULE, lambda text: text + text[text.index("```rule") :], f"{RULE}:22", "stands twice in the pack"),
    (NUMBER, swap(", value", ", until: 2025-06-01, value"), f"{NUMBER}:5", "ends before it begins"),
    (NUMBER, lambda text: text.partition("values:")[0] + "values: []\n", f"{NUMBER}:1", "has no value"),
    ("cases/base.yaml", lambda _: None, f"{RULE}:15", "has no hit case"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "place", "wrong"), BROKEN, ids=[f"{place} {wrong}" for _, _, place, wrong in BROKEN]
)
def test_a_broken_pack_names_file_line_and_remedy(name, change, place, wrong):
    with pytest.raises(PackError) as caught:
        pack_with(name, change)
    assert str(caught.value).startswith(place)
    assert wrong in str(caught.value)
    assert "; help: " in str(caught.value)
    assert caught.value.text.zh


def test_the_pack_that_the_broken_ones_are_made_from_is_sound():
    pack = parse_pack({path: text.encode() for path, text in FILES.items()})
    assert [rule.id for rule in pack.rules] == ["cn.try/1/by-day"]
    assert not pack.verified
    signed = {path: text.encode() for path, text in FILES.items()}
    assert parse_pack({**signed, MANIFEST: manifest_of(signed).encode()}).verified


def written(folder: Path) -> Path:
    pack = folder / "cn/try"
    for name, text in FILES.items():
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text(text, encoding="utf-8")
    (folder / "profiles.toml").write_text(
        '[profile."cn.bank.card"]\nzh = "试"\nen = "try"\nzone = "Asia/Shanghai"\npacks = ["cn.try", "cn.gone"]\n',
        "utf-8",
    )
    return pack


def test_an_edit_after_the_manifest_permits_nothing_until_the_manifest_is_rewritten(tmp_path):
    pack, case = written(tmp_path), parse_case(contact("cn.bank.card"))

    def verdict() -> str:
        return decide(case, load_law("cn.bank.card", tmp_path)).verdict.value

    assert verdict() == "hold"
    rewrite_manifest("cn.try", tmp_path)
    assert verdict() == "permit"
    (pack / "params/opens.yaml").write_text(PARAM.replace("480", "481"), encoding="utf-8")
    assert verdict() == "hold"
    decision = decide(case, load_law("cn.bank.card", tmp_path))
    assert "does not agree" in decision.reasons[0].explain.en
    assert decision.next_permitted_at is None
    (pack / "params/opens.yaml").write_text("unit: dayz\n", encoding="utf-8")
    rewrite_manifest("cn.try", tmp_path)
    assert verdict() == "hold"
    assert load_law("cn.bank.card", tmp_path).missing == ("cn.gone",)


def test_a_law_is_parsed_once_for_each_content(tmp_path):
    pack = written(tmp_path)
    rewrite_manifest("cn.try", tmp_path)
    first = load_law("cn.bank.card", tmp_path)
    assert load_law("cn.bank.card", tmp_path) is first
    (pack / "CHANGES.md").write_text("# 2\n", encoding="utf-8")
    rewrite_manifest("cn.try", tmp_path)
    assert load_law("cn.bank.card", tmp_path) is not first
    assert load_pack("cn.try", tmp_path).sha256 != first.packs[0].sha256


def test_a_pack_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PackError):
        load_pack("cn.none", tmp_path)


def test_a_mistake_says_the_same_things_in_both_languages() -> None:
    def holes(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    known = [one for one in vars(mistakes).values() if isinstance(one, mistakes.Mistake)]
    assert known
    for one in known:
        for text in (one.wrong, one.help):
            assert holes(text.zh) == holes(text.en), text
    told = mistakes.LABEL_TWICE.at("articles/X.md", 3, label="a-b")
    assert str(told) == (
        "articles/X.md:3: 标签 `a-b` 在本包内重复；请改掉一个"
        " · articles/X.md:3: label `a-b` stands twice in the pack; help: rename one"
    )
