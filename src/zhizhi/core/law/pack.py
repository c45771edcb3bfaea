"""A pack: one legal instrument as values. Bytes of a folder in, a checked pack or the first error out."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import UNITS
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.located import At, load
from zhizhi.core.law.nodes import SILENT, Duty, Oblige, Retain, Rule, params_of
from zhizhi.core.law.rules import CONFIDENCES, Origin, parse_rule

PACK_FILES_MAX = 2_000
PACK_RULES_MAX = 500
MANIFEST = "MANIFEST.sha256"
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


@dataclass(frozen=True, slots=True)
class InForce:
    """Days on which something is in force: from `first`, before `until`."""

    first: date
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One value of a parameter, from a day on, before another: the row it comes from, its sources, how sure it is."""

    span: InForce
    value: int
    row: str
    sources: tuple[str, ...] = ()
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the law as a dated series."""

    name: str
    unit: str
    text: Text
    values: tuple[ParameterValue, ...]

    def on(self, day: date) -> int | None:
        """The value in force on a day."""
        for value in self.values:
            if day in value.span:
                return value.value
        return None


@dataclass(frozen=True, slots=True)
class Article:
    """One row of an instrument: what it says in our own words, and its rules. `review`: what is still to be checked."""

    row: str
    article: str | None
    confirmed: bool
    confidence: str
    title: Text
    paraphrase: Text
    modelled: str
    reason: str
    sources: tuple[str, ...]
    rules: tuple[Rule, ...]
    file: str
    in_force: InForce | None = None
    review: str = ""

    def stands_on(self, day: date) -> bool:
        """Whether the article is in force on a day on which its pack is."""
        return self.in_force is None or day in self.in_force


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """An open question of the text, the reading chosen and the one rejected."""

    number: str
    title: str
    text: str
    file: str


@dataclass(frozen=True, slots=True)
class PackCase:
    """A table case: under this contact the rule speaks (hit) or just does not (near miss)."""

    row: str
    rule: str
    title: str
    expect: str
    document: Mapping[str, object]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Pack:
    """One instrument. `sha256` names its content; `verified` is false where the manifest does not fit the files."""

    id: str
    title: Text
    force: str
    zone: str
    in_force: InForce
    version: str
    sources: tuple[str, ...]
    reviewer: str
    articles: tuple[Article, ...]
    params: Mapping[str, Parameter]
    readings: tuple[ReadingNote, ...]
    cases: tuple[PackCase, ...]
    changes: str
    sha256: str
    verified: bool
    complete: bool = True

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the articles."""
        return tuple(rule for article in self.articles for rule in article.rules)


def manifest_of(files: Mapping[str, bytes]) -> str:
    """The manifest that fits the files: digest and name, one a line, sorted by name."""
    names = sorted(name for name in files if name != MANIFEST)
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in names)


def digest_of(files: Mapping[str, bytes]) -> str:
    """The one digest that names the content of a pack."""
    return hashlib.sha256(manifest_of(files).encode()).hexdigest()


def parse_pack(files: Mapping[str, bytes]) -> Pack:
    """Read the files of a pack folder. Refuses: PackError. A manifest that does not agree leaves `verified` false."""
    if len(files) > PACK_FILES_MAX:
        raise PackError("pack.toml", 1, f"more than {PACK_FILES_MAX} files", "split the pack")
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


def check_pack(pack: Pack) -> None:
    """What no single file can show. Refuses: PackError."""
    _check_labels(pack)
    _check_params(pack)
    _check_cases(pack)


def _text(files: Mapping[str, bytes], name: str) -> str:
    if name not in files:
        raise PackError(name, 1, "the file is missing", f"add `{name}` to the pack")
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise PackError(name, 1, "not UTF-8", "save the file as UTF-8") from wrong


def _head(text: str) -> dict[str, Any]:
    file = "pack.toml"
    try:
        head = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        line = re.search(r"line (\d+)", str(wrong))
        raise PackError(file, int(line[1]) if line else 1, f"no TOML: {wrong}", "check quotes and brackets") from wrong

    def at(key: str) -> int:
        return next((n for n, written in enumerate(text.splitlines(), 1) if written.startswith((key, f"[{key}"))), 1)

    for key in head:
        if key not in _PACK_KEYS:
            raise PackError(file, at(key), f"unknown key `{key}`", f"use one of {', '.join(sorted(_PACK_KEYS))}")
    for key in sorted(_PACK_KEYS - {"note", "complete"} - head.keys()):
        raise PackError(file, 1, f"key `{key}` is missing", f"add `{key}`")
    for key in ("title", "in_force"):
        wanted = {"title": {"zh", "en"}, "in_force": {"from"}}[key]
        if not isinstance(head[key], dict) or not wanted <= head[key].keys():
            raise PackError(file, at(key), f"`{key}` is incomplete", f"add {', '.join(sorted(wanted))}")
    if head["force"] not in _FORCES:
        raise PackError(file, at("force"), f"unknown force `{head['force']}`", f"use one of {', '.join(_FORCES)}")
    try:
        zone_of(str(head["zone"]))
    except ValueError as wrong:
        raise PackError(file, at("zone"), f"unknown zone `{head['zone']}`", "use an IANA key") from wrong
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
            raise keys[key].error(f"`{keys[key].value}` is no day", "write YYYY-MM-DD") from wrong
    first, until = found
    assert first is not None
    if until is not None and until <= first:
        raise keys["until"].error("ends before it begins", "write a later day")
    return InForce(first, until)


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


def _article(text: str, file: str, pack: str, cites: str) -> Article:
    match = re.match(r"---\n(.*?)^---\n", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise PackError(file, 1, "no front matter", "begin with `---`, the keys, and `---`")
    front = load(match[1], file, 2)
    keys = front.mapping(_ARTICLE_KEYS, ("row", "article", "confirmed", "confidence", "sources", "title_en"))
    row, confidence = keys["row"].text(), keys["confidence"].choice(CONFIDENCES)
    if not file.endswith(f"/{row}.md") and file.startswith("articles/"):
        raise keys["row"].error(f"row `{row}` stands in another file", f"name the file `articles/{row}.md`")
    number = str(keys["article"].value)
    article = None if number == "unknown" else number
    body = text[match.end() :]
    heading = re.search(r"^# (.+)$", body, re.MULTILINE)
    if heading is None:
        raise PackError(file, text[: match.end()].count("\n") + 1, "no title", "write `# title` after the front matter")
    origin = Origin(pack, row, article or row, f"{cites} {article or row}", confidence)
    rules = tuple(
        parse_rule(block[1], file, text[: match.end() + block.start(1)].count("\n") + 1, origin)
        for block in _FENCE.finditer(body)
    )
    modelled = keys["modelled"].choice(("out_of_scope", "defined")) if "modelled" in keys else "rules"
    reason = keys["reason"].text() if "reason" in keys else ""
    if modelled == "rules" and not rules:
        raise front.error(f"row `{row}` has no rule", "write a rule block, or `modelled: out_of_scope` and a `reason`")
    if modelled != "rules" and (rules or not reason):
        raise front.error("a row that is not modelled has a reason and no rule", "add `reason:`, or remove `modelled:`")
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
            raise value["value"].error("a number of the law is not negative", "write 0 or more")
        before = values[-1].span if values else None
        if before is not None and before.until != span.first:
            raise item.error("the dates leave a gap or overlap", "let each value begin where the one before ends")
        sources = tuple(source.text() for source in value["sources"].items()) if "sources" in value else ()
        confidence = value["confidence"].choice(CONFIDENCES) if "confidence" in value else ""
        values.append(ParameterValue(span, number, value["row"].text(), sources, confidence))
    if not values:
        raise at.error(f"parameter `{name}` has no value", "add one under `values:`")
    return Parameter(name, unit, Text(keys["zh"].text(), keys["en"].text()), tuple(values))


def _note(text: str, file: str) -> ReadingNote:
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    if heading is None:
        raise PackError(file, 1, "no title", "write `# title` first")
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


def _check_labels(pack: Pack) -> None:
    if len(pack.rules) > PACK_RULES_MAX:
        raise PackError("pack.toml", 1, f"more than {PACK_RULES_MAX} rules", "split the pack")
    seen: set[str] = set()
    for article in pack.articles:
        for rule in article.rules:
            if rule.label in seen:
                raise PackError(article.file, rule.line, f"label `{rule.label}` stands twice in the pack", "rename one")
            seen.add(rule.label)


def _check_params(pack: Pack) -> None:
    for article in pack.articles:
        for rule in article.rules:
            for name in sorted({name for clause in rule.clauses.values() for name in params_of(clause)}):
                parameter = pack.params.get(name)
                if parameter is None:
                    raise PackError(
                        article.file, rule.line, f"parameter `{name}` is missing", f"add `params/{name}.yaml`"
                    )
                _check_unit(article, rule, parameter)
                _check_covers(pack, article, parameter)


def _check_unit(article: Article, rule: Rule, parameter: Parameter) -> None:
    """A period is counted in the unit that the parameter is written in."""
    for clause in rule.clauses.values():
        if isinstance(clause.body, Duty | Retain) and clause.body.period != parameter.unit:
            raise PackError(
                article.file,
                rule.line,
                f"`{parameter.name}` counts {parameter.unit}, the rule {clause.body.period}",
                "write the same unit in both",
            )


def _check_covers(pack: Pack, article: Article, parameter: Parameter) -> None:
    """A number is there on every day on which pack and article are in force."""
    file, last = f"params/{parameter.name}.yaml", parameter.values[-1].span.until
    spans = [pack.in_force] if article.in_force is None else [pack.in_force, article.in_force]
    first = max(span.first for span in spans)
    if parameter.on(first) is None:
        raise PackError(file, 1, f"no value on {first}", "begin on the day the pack or the article comes into force")
    end = min((span.until for span in spans if span.until is not None), default=None)
    if last is not None and (end is None or parameter.on(end - timedelta(days=1)) is None):
        raise PackError(file, 1, f"no value from {last} on", "leave `until` off the last value")


def _check_cases(pack: Pack) -> None:
    labels = {rule.label for rule in pack.rules}
    for case in pack.cases:
        if case.rule not in labels:
            raise PackError(case.file, case.line, f"unknown rule `{case.rule}`", "use the label of a rule of this pack")
    told = {(case.rule, case.expect) for case in pack.cases}
    for article in pack.articles:
        for rule in article.rules:
            for expect in ("hit", "near_miss"):
                if (rule.label, expect) not in told and _decides(rule):
                    raise PackError(
                        article.file,
                        rule.line,
                        f"rule `{rule.label}` has no {expect.replace('_', ' ')} case",
                        f"add one to cases/{article.row}.yaml",
                    )


def _decides(rule: Rule) -> bool:
    """Whether the rule decides contacts; steps, duties and retention need no hit and near miss."""
    return any(not isinstance(clause.body, (Oblige, *SILENT)) for clause in rule.clauses.values())
