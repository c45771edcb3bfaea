"""The books of the law for people: one page a pack, article → rule → numbers → cases, in Chinese and English.

Made from the packs alone, so that two machines write the same bytes; `scripts/docs.py` writes them into docs/law.
"""

from collections.abc import Iterable, Iterator, Mapping

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law, filled_in
from zhizhi.core.law.nodes import Clause, Rule, params_of
from zhizhi.core.law.pack import Article, InForce, Pack, PackCase, Parameter
from zhizhi.core.law.rules import READINGS
from zhizhi.core.law.wording import told_body, told_condition

HEADER = "由 `make docs` 从规则包生成，请勿手改。 Generated from the packs by `make docs`; do not edit.\n"
INDEX = "README.md"
SOURCES = "../../src/zhizhi/packs"
_FORCES: Mapping[str, Text] = {
    "law": Text("法律法规", "law"),
    "judicial_interpretation": Text("司法解释", "judicial interpretation"),
    "department_rule": Text("部门规章", "rule of a department"),
    "normative_document": Text("规范性文件", "normative document"),
    "recommended_standard": Text("推荐性国家标准", "recommended standard"),
    "self_regulation": Text("行业自律", "self-regulation"),
    "house": Text("内部规则", "house rules"),
}
_READING = {"strict": Text("从严", "strict"), "text": Text("平实", "plain text")}
_CONFIDENCE = {"high": Text("高", "high"), "medium": Text("中", "medium"), "low": Text("低", "low")}
_EXPECT = {"hit": Text("应拦", "hit"), "near_miss": Text("不应拦", "near miss")}
_BREACH = {
    "presumed_violation": Text("违反者推定违规", "a breach is presumed to violate the law"),
    "warning": Text("违反者仅提示", "a breach is worth a warning"),
}


def books(packs: Iterable[Pack], laws: Iterable[Law]) -> dict[str, str]:
    """Every page by its file name."""
    found = sorted(packs, key=lambda pack: pack.id)
    pages = {f"{pack.id}.md": book(pack) for pack in found}
    return {INDEX: _index(found, laws), **pages}


def book(pack: Pack) -> str:
    """The page of one pack."""
    return (
        "\n".join([*_head(pack), *(line for article in pack.articles for line in _article(pack, article))]).rstrip()
        + "\n"
    )


def _index(packs: Iterable[Pack], laws: Iterable[Law]) -> str:
    lines = ["# 法规手册 The law, as this release holds it", "", HEADER]
    lines += ["| 规则包 pack | | 版本 version | 生效 in force | 条款 articles | 规则 rules | 待复核 to review |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for pack in packs:
        marked = sum(article.confidence == "low" or bool(article.review) for article in pack.articles)
        cells = [f"[{pack.id}]({pack.id}.md)", _cell(f"{pack.title.zh} · {pack.title.en}"), pack.version]
        cells += [_span(pack.in_force), str(len(pack.articles)), str(len(pack.rules)), str(marked)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## 业务类型 Profiles", "", "| 业务类型 profile | | 规则包 packs |", "|---|---|---|"]
    for law in laws:
        names = [f"[{pack.id}]({pack.id}.md)" for pack in law.packs]
        names += [f"{name} (缺 missing)" for name in law.missing]
        lines.append(f"| `{law.profile}` | {_cell(f'{law.title.zh} · {law.title.en}')} | {', '.join(names)} |")
    lines += ["", "规则的写法见 [vocabulary](vocabulary.md)。 How rules are written: [vocabulary](vocabulary.md).", ""]
    return "\n".join(lines)


def _head(pack: Pack) -> Iterator[str]:
    force = _FORCES.get(pack.force, Text(pack.force, pack.force))
    yield from (f"# {pack.title.zh}", "", pack.title.en, "", HEADER)
    yield f"* 标识 id `{pack.id}` · 版本 version {pack.version} · {force.zh} {force.en}"
    yield f"* 生效 in force {_span(pack.in_force)} · 复核 reviewer {pack.reviewer}"
    yield f"* 来源 sources {', '.join(pack.sources)}"
    if not pack.complete:
        yield "* **初稿，未建全 · a first cut, not the whole instrument**"
    yield f"* [规则包 the pack]({_folder(pack)}) · [变更 changes]({_folder(pack)}/CHANGES.md)"
    for note in pack.readings:
        yield f"* 口径 reading [{note.number} {note.title}]({_folder(pack)}/{note.file})"
    yield ""


def _article(pack: Pack, article: Article) -> Iterator[str]:
    yield from (f"## {article.article or article.row} {article.title.zh}", "", f"*{article.title.en}*", "")
    yield from (article.paraphrase.zh, "")
    if article.paraphrase.en:
        yield from (article.paraphrase.en, "")
    yield from (_standing(article), "")
    if not article.rules:
        yield from (f"本条未建成规则 No rule: {article.reason}", "")
    for rule in article.rules:
        yield from _rule(pack, rule)


def _standing(article: Article) -> str:
    confidence = _CONFIDENCE[article.confidence]
    told = [f"行 row `{article.row}`", f"可信度 confidence {confidence.zh} {confidence.en}"]
    if article.article is None:
        told.append("条款号未确认 article number not confirmed")
    elif not article.confirmed:
        told.append("条款号未经原文核对 article number inferred")
    if article.in_force is not None:
        told.append(f"生效 in force {_span(article.in_force)}")
    told.append(f"来源 sources {', '.join(article.sources)}")
    if article.confidence == "low" or article.review:
        told.append(f"**待复核 to review**{': ' + article.review if article.review else ''}")
    return " · ".join(told)


def _rule(pack: Pack, rule: Rule) -> Iterator[str]:
    yield from (f"### `{rule.id}`", "")
    explain = rule.explain.fill(used="…", limit="…", release="…")
    yield from (f"> {explain.zh}<br>{explain.en}", "")
    clauses = {reading: _plain(pack, rule.clauses[reading]) for reading in READINGS if reading in rule.clauses}
    if len(clauses) == len(READINGS) and len(set(map(_told, clauses.values()))) == 1:
        yield from _clause("两种口径相同 both readings", clauses[READINGS[0]])
    else:
        for reading in READINGS:
            name = f"{_READING[reading].zh} {_READING[reading].en}"
            if reading in clauses:
                yield from _clause(name, clauses[reading])
            else:
                yield f"* **{name}**: 不作规定 silent"
    yield ""
    names = sorted({name for clause in rule.clauses.values() for name in params_of(clause)} & pack.params.keys())
    yield from _numbers([pack.params[name] for name in names])
    yield from _cases(pack, [case for case in pack.cases if case.rule == rule.label])


def _plain(pack: Pack, clause: Clause) -> Clause:
    """The clause with its numbers, where each has had one value only; one that changed over time stands by name."""
    series = {name: pack.params[name].values for name in params_of(clause) if name in pack.params}
    if any(len(values) != 1 for values in series.values()):
        return clause
    plain: Clause = filled_in(clause, {name: values[0].value for name, values in series.items()})
    return plain


def _told(clause: Clause) -> str:
    return "\n".join(_clause("", clause))


def _clause(name: str, clause: Clause) -> Iterator[str]:
    body = told_body(clause.body)
    terms = Text("; ".join(term.zh for term in body.terms), "; ".join(term.en for term in body.terms))
    says = Text(
        f"{body.kind.zh}: {terms.zh}" if terms.zh else body.kind.zh,
        f"{body.kind.en}: {terms.en}" if terms.en else body.kind.en,
    )
    when, unless = told_condition(clause.when), told_condition(clause.unless)
    yield f"* **{name}**: {_line(says.zh)}"
    yield f"  * 适用 {_line(when.zh)}" + ("" if unless.zh == "无" else f"; 例外 {_line(unless.zh)}")
    yield f"  * {_line(says.en)} — where {_line(when.en)}" + (
        "" if unless.en == "never" else f"; lifted where {_line(unless.en)}"
    )
    breach = _BREACH.get(clause.breach)
    if breach is not None:
        yield f"  * {breach.zh} · {breach.en}"


def _numbers(params: list[Parameter]) -> Iterator[str]:
    if not params:
        return
    yield from ("| 数值 number | | 自 from | 至 until | 值 value | 行 row |", "|---|---|---|---|---|---|")
    for parameter in params:
        for value in parameter.values:
            until = value.span.until.isoformat() if value.span.until else "—"
            name = f"`{parameter.name}` ({parameter.unit})"
            told = _cell(f"{parameter.text.zh} · {parameter.text.en}")
            yield f"| {name} | {told} | {value.span.first.isoformat()} | {until} | {value.value} | {value.row} |"
    yield ""


def _cases(pack: Pack, cases: list[PackCase]) -> Iterator[str]:
    for case in cases:
        expect = _EXPECT[case.expect]
        yield f"* {expect.zh} {expect.en}: {_line(case.title)} ([{case.file}]({_folder(pack)}/{case.file}))"
    if cases:
        yield ""


def _folder(pack: Pack) -> str:
    return f"{SOURCES}/{pack.id.replace('.', '/')}"


def _span(span: InForce) -> str:
    return (
        f"{span.first.isoformat()} –" if span.until is None else f"{span.first.isoformat()} – {span.until.isoformat()}"
    )


def _line(text: str) -> str:
    """Text inside a line of a list: an underscore or star of a code is no emphasis."""
    return text.replace("_", "\\_").replace("*", "\\*").replace("\n", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
