"""A small house pack on disk, and its activation in tests of the store."""

from datetime import datetime
from pathlib import Path

from django.db import connections

from zhizhi.config.databases import database_of
from zhizhi.core.law.pack import manifest_of
from zhizhi.core.law.pack_files import parse_pack
from zhizhi.store.law.activation import ProvenHouse, Signed, activate_house
from zhizhi.store.packs import load_law, read_files

HEAD = """id = "{id}"
version = "{version}"
force = "house"
zone = "Asia/Shanghai"
cites = "house"
sources = ["house"]
reviewer = "not reviewed by a lawyer"
note = "a pack of the tests"
[title]
zh = "测试机构内部规则"
en = "house rules of a test"
[in_force]
from = {first}
"""
ARTICLE = """---
row: {row}
article: "{row}"
confirmed: true
confidence: high
sources: [house]
title_en: "{row}"
---
# {row}
内部规则。

A rule of the house.

```rule
{rule}
explain:
  zh: 内部规则不允许
  en: "a rule of the house"
```
"""
ONE_TALK = """rule: one-talk-a-day
topic: frequency
when: {contact.channel: voice, contact.form: interactive, contact.continues: false}
cap: {limit: 1, count: answered_calls, min_seconds: 0}
"""
NO_SMS = """rule: no-sms
topic: law
when: {contact.channel: sms}
forbid: {contact.channel: sms}
"""
NO_CALL = """rule: no-call
topic: law
when: {contact.channel: voice}
forbid: {contact.channel: voice}
"""
TEN_YEARS = """rule: ten-years
topic: record
retain: {record: collection_record, after: collection_ended, years: 10}
"""
HIGHER_COUNTS = """rule: as-agreed
topic: frequency
when: {contact.channel: voice, contact.form: interactive, contact.continues: false}
cap: {limit: 1, count: answered_calls, min_seconds: 0, agreed: conversations, higher_counts: true}
"""
TALKED = (
    '{{id: e1, at: "2026-03-02T{at}:00+08:00", channel: voice, direction: out, party: p1, point: m1, form: interactive,'
    " outcome: conversation, talk_seconds: 60, exchanged: true}}"
)
BASE = Path(__file__).resolve().parents[1] / "src" / "zhizhi" / "packs" / "house" / "default" / "cases" / "base.yaml"
CASES = {
    "one-talk-a-day": ("{{events: [{hit}]}}", "{{events: []}}"),
    "as-agreed": ("{{events: [{hit}]}}", "{{events: []}}"),
    "no-call": ("{{proposed: {{channel: voice}}}}", "{{proposed: {{channel: sms, form: notification}}}}"),
    "no-sms": ("{{proposed: {{channel: sms, form: notification}}}}", "{{proposed: {{channel: voice}}}}"),
}


def write_house(
    folder: Path, *rules: str, pack: str = "house.l1", version: str = "1", first: str = "2026-01-01"
) -> Path:
    """A pack folder with these rules, an article each, its cases and its manifest."""
    files = {
        "pack.toml": HEAD.format(id=pack, version=version, first=first),
        "CHANGES.md": f"# 变更 Changes\n## {version}\nTest.\n",
        "cases/base.yaml": BASE.read_text(encoding="utf-8"),
    }
    for n, rule in enumerate(rules, 1):
        files[f"articles/H-{n}.md"] = ARTICLE.format(row=f"H-{n}", rule=rule)
        label = rule.splitlines()[0].removeprefix("rule: ")
        if label in CASES:
            hit, near = (text.format(hit=TALKED.format(at="09:30")) for text in CASES[label])
            files[f"cases/H-{n}.yaml"] = "".join(
                f'- rule: {label}\n  expect: {expect}\n  title: "{expect}"\n  with: {with_}\n'
                for expect, with_ in (("hit", hit), ("near_miss", near))
            )
    octets = {name: text.encode() for name, text in files.items()}
    octets["MANIFEST.sha256"] = manifest_of(octets).encode()
    for name, body in octets.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


def digest(folder: Path) -> str:
    """What decisions name the pack of a folder by."""
    return parse_pack(read_files(folder)).sha256


def open_owner(database: str) -> None:
    """The login of migrations in this process; the database's address is the owner's."""
    connections.settings["owner"] = {**connections.settings["gate"], **database_of(database, None)}
    if hasattr(connections._connections, "owner"):  # of another module's database
        del connections["owner"]


def agreed(lender_id: int, by: int) -> None:
    """In the place of a second person's approval: the test's own claim."""
    del lender_id, by


def activated(lender: str, profile: str, folder: Path, by: str, at: datetime) -> int:
    """Put it in force without the minutes of a solver and without a second person: both are the test's own claim."""
    files = read_files(folder)
    house = ProvenHouse(load_law(profile), parse_pack(files), files, 1)
    return activate_house(lender, house, Signed(by, "测试"), at, agreed)
