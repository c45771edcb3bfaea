"""The folder of a pack, read: its bytes in, a checked pack or the first error out."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.law import mistakes as its
from zhizhi.core.law.catalogue import UNITS
from zhizhi.core.law.located import At, load
from zhizhi.core.law.pack import (
    MANIFEST,
    Article,
    InForce,
    Pack,
    PackCase,
    Parameter,
    ParameterValue,
    ReadingNote,
    digest_of,
    manifest_of,
)
from zhizhi.core.law.pack_checks import check_pack
from zhizhi.core.law.rules import CONFIDENCES, Origin, parse_rule

PACK_FILES_MAX = 2_000
_PACK_KEYS = {"id", "title", "force", "zone", "in_force", "version", "sources", "reviewer", "cites", "note", "complete"}
_FORCES = (
    "law",
    "judicial_interpretation",
    "department_rule",
    "normative_document",
    "recommended_standard",
    "self_regulation",
    "house",
)
_FENCE = re.compile(r"^```rule[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_ARTICLE_KEYS = (
    "row",
    "article",
    "confirmed",
    "confidence",
    "sources",
    "title_en",
    "modelled",
    "reason",
    "in_force",
    "review",
)


def parse_pack(files: Mapping[str, bytes]) -> Pack:
    """Read the files of a pack folder. Refuses: PackError. A manifest that does not agree leaves `verified` false."""
    if len(files) > PACK_FILES_MAX:
        raise its.TOO_MANY_FILES.at("pack.toml", 1, most=PACK_FILES_MAX)
    head = _head(_text(files, "pack.toml"))
    articles = tuple(
        _article(_text(files, name), name, str(head["id"]), str(head["cites"]))
        for name in sorted(files)
        if name.startswith(("articles/", "shared/")) and name.endswith(".md")
    )
    pack = Pack(
        id=str(head["id"]),
        title=Text(head["title"]["zh"], head["title"]["en"]),
        force=str(head["force"]),
        zone=str(head["zone"]),
        in_force=_span(head["in_force"]["from"], head["in_force"].get("until")),
        version=str(head["version"]),
        sources=tuple(head["sources"]),
        reviewer=str(head["reviewer"]),
        articles=articles,
        params={
            parameter.name: parameter
            for parameter in (
                _parameter(load(_text(files, name), name))
                for name in sorted(files)
                if name.startswith("params/") and name.endswith(".yaml")
            )
        },
        readings=tuple(
            _note(_text(files, name), name)
            for name in sorted(files)
            if name.startswith("readings/") and name.endswith(".md")
        ),
        cases=_cases(files),
        changes=_text(files, "CHANGES.md"),
        sha256=digest_of(files),
        complete=head.get("complete", True) is True,
        verified=files.get(MANIFEST, b"").decode(errors="replace") == manifest_of(files),
    )
    check_pack(pack)
    return pack


def _text(files: Mapping[str, bytes], name: str) -> str:
    if name not in files:
        raise its.FILE_MISSING.at(name, 1, name=name)
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise its.NOT_UTF8.at(name, 1) from wrong


def _head(text: str) -> dict[str, Any]:
    file = "pack.toml"
    try:
        head = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        line = re.search(r"line (\d+)", str(wrong))
        raise its.NO_TOML.at(file, int(line[1]) if line else 1, wrong=wrong) from wrong

    def at(key: str) -> int:
        return next((n for n, written in enumerate(text.splitlines(), 1) if written.startswith((key, f"[{key}"))), 1)

    for key in head:
        if key not in _PACK_KEYS:
            raise its.UNKNOWN_KEY.at(file, at(key), key=key, names=", ".join(sorted(_PACK_KEYS)))
    for key in sorted(_PACK_KEYS - {"note", "complete"} - head.keys()):
        raise its.KEY_MISSING.at(file, 1, key=key)
    for key in ("title", "in_force"):
        wanted = {"title": {"zh", "en"}, "in_force": {"from"}}[key]
        if not isinstance(head[key], dict) or not wanted <= head[key].keys():
            raise its.KEY_INCOMPLETE.at(file, at(key), key=key, names=", ".join(sorted(wanted)))
    if head["force"] not in _FORCES:
        raise its.UNKNOWN_FORCE.at(file, at("force"), word=head["force"], names=", ".join(_FORCES))
    try:
        zone_of(str(head["zone"]))
    except ValueError as wrong:
        raise its.UNKNOWN_ZONE.at(file, at("zone"), word=head["zone"]) from wrong
    return head


def _span(first: object, until: object) -> InForce:
    def day(written: object) -> date:
        return written if isinstance(written, date) else parse_day(str(written))

    return InForce(day(first), None if until is None else day(until))


def _located_span(at: At) -> InForce:
    keys = at.mapping(("from", "until"), ("from",))
    found = []
    for key in ("from", "until"):
        try:
            found.append(parse_day(str(keys[key].value)) if key in keys else None)
        except ValueError as wrong:
            raise keys[key].error(its.NO_DAY, word=keys[key].value) from wrong
    first, until = found
    assert first is not None
    if until is not None and until <= first:
        raise keys["until"].error(its.ENDS_FIRST)
    return InForce(first, until)


def _article(text: str, file: str, pack: str, cites: str) -> Article:
    match = re.match(r"---\n(.*?)^---\n", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise its.NO_FRONT_MATTER.at(file, 1)
    front = load(match[1], file, 2)
    keys = front.mapping(_ARTICLE_KEYS, ("row", "article", "confirmed", "confidence", "sources", "title_en"))
    row, confidence = keys["row"].text(), keys["confidence"].choice(CONFIDENCES)
    if not file.endswith(f"/{row}.md") and file.startswith("articles/"):
        raise keys["row"].error(its.OTHER_FILE, row=row)
    number = str(keys["article"].value)
    article = None if number == "unknown" else number
    body = text[match.end() :]
    heading = re.search(r"^# (.+)$", body, re.MULTILINE)
    if heading is None:
        raise its.NO_TITLE.at(file, text[: match.end()].count("\n") + 1)
    origin = Origin(pack, row, article or row, f"{cites} {article or row}", confidence)
    rules = tuple(
        parse_rule(block[1], file, text[: match.end() + block.start(1)].count("\n") + 1, origin)
        for block in _FENCE.finditer(body)
    )
    modelled = keys["modelled"].choice(("out_of_scope", "defined")) if "modelled" in keys else "rules"
    reason = keys["reason"].text() if "reason" in keys else ""
    if modelled == "rules" and not rules:
        raise front.error(its.NO_RULE, row=row)
    if modelled != "rules" and (rules or not reason):
        raise front.error(its.RULE_UNWANTED)
    zh, _, en = _FENCE.sub("", body[heading.end() :]).strip().partition("\n\n")
    span = _located_span(keys["in_force"]) if "in_force" in keys else None
    return Article(
        row=row,
        article=article,
        confirmed=keys["confirmed"].flag(),
        confidence=confidence,
        title=Text(heading[1].strip(), keys["title_en"].text()),
        paraphrase=Text(zh.strip(), en.strip()),
        modelled=modelled,
        reason=reason,
        sources=tuple(item.text() for item in keys["sources"].items()),
        rules=rules,
        file=file,
        in_force=span,
        review=keys["review"].text() if "review" in keys else "",
    )


def _parameter(at: At) -> Parameter:
    keys = at.mapping(("unit", "zh", "en", "values"), ("unit", "zh", "en", "values"))
    unit = keys["unit"].choice(UNITS)
    name = at.file.removeprefix("params/").removesuffix(".yaml")
    values: list[ParameterValue] = []
    for item in keys["values"].items():
        value = item.mapping(("from", "until", "value", "row", "sources", "confidence"), ("from", "value", "row"))
        span = _located_span(At({k: v for k, v in value.items() if k in ("from", "until")}, item.file, item.line))
        number = value["value"].integer()
        if number < 0:
            raise value["value"].error(its.NEGATIVE)
        before = values[-1].span if values else None
        if before is not None and before.until != span.first:
            raise item.error(its.DATES_APART)
        sources = tuple(source.text() for source in value["sources"].items()) if "sources" in value else ()
        confidence = value["confidence"].choice(CONFIDENCES) if "confidence" in value else ""
        values.append(ParameterValue(span, number, value["row"].text(), sources, confidence))
    if not values:
        raise at.error(its.NO_VALUE, name=name)
    return Parameter(name, unit, Text(keys["zh"].text(), keys["en"].text()), tuple(values))


def _note(text: str, file: str) -> ReadingNote:
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    if heading is None:
        raise its.NO_TITLE.at(file, 1)
    number = file.removeprefix("readings/").partition("-")[0]
    return ReadingNote(number, heading[1].strip(), text[heading.end() :].strip(), file)


def _cases(files: Mapping[str, bytes]) -> tuple[PackCase, ...]:
    base_name = "cases/base.yaml"
    if base_name not in files:
        return ()
    base = load(_text(files, base_name), base_name)
    base.mapping(list(base.value) if isinstance(base.value, dict) else ())
    found: list[PackCase] = []
    for name in sorted(files):
        if name.startswith("cases/") and name.endswith(".yaml") and name != base_name:
            row = name.removeprefix("cases/").removesuffix(".yaml")
            for item in load(_text(files, name), name).items():
                keys = item.mapping(("rule", "expect", "title", "with"), ("rule", "expect", "title", "with"))
                document = _merged(base.plain(), keys["with"].plain())
                assert isinstance(document, dict)
                found.append(
                    PackCase(
                        row=row,
                        rule=keys["rule"].text(),
                        title=keys["title"].text(),
                        expect=keys["expect"].choice(("hit", "near_miss")),
                        document={"id": f"{row}/{len(found) + 1}", **document},
                        file=name,
                        line=item.line,
                    )
                )
    return tuple(found)


def _merged(base: object, change: object) -> object:
    """The base with what a case writes differently; lists are replaced, `null` removes a key."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    merged = dict(base)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged
