"""`zhizhi law plan`: contacts that every rule permits, or the smallest set of rules that prevents them."""

import sys
from collections.abc import Iterator
from typing import Any

import click

from zhizhi.core.conduct.errors import CaseError
from zhizhi.core.conduct.plan import Cause, Plan, Prevented, parse_plan, plan
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.ops.case_documents import BadDocument, read_cases, to_line
from zhizhi.store.packs import load_law

_CAUSES = {
    Cause.RULES: Text("拦住其余的最小一组规则", "the smallest set of rules that prevents the rest"),
    Cause.SPAN: Text(
        "不是规则拦住的: 时段本身就放不下",
        "no rule prevents the rest: the wishes do not fit into the span by themselves",
    ),
    Cause.LAW: Text("没有可依据的规则, 什么都不准许", "there is no law to permit anything by"),
}


@click.command("plan")
@click.argument("wishes")
@click.option("--table", is_flag=True, help="排成表格 · a table for reading instead of JSON")
def plan_command(wishes: str, table: bool) -> None:
    """排期 · a schedule that every rule permits, or the rules that prevent it; one JSON line a document."""
    for document in _read(wishes):
        try:
            asked = parse_plan(document)
        except CaseError as wrong:
            click.echo(to_line({"id": _echoed(document), "error": {"code": wrong.code, "message": wrong.message}}))
            continue
        answer = plan(asked.case, asked.wishes, load_law(asked.case.profile), asked.horizon)
        if table:
            for line in table_of(answer):
                click.echo(line.encode("utf-8", "backslashreplace"))
        else:
            click.echo(to_line(answer.to_document()))


def table_of(answer: Plan | Prevented) -> Iterator[str]:
    """The answer as lines for a terminal, Chinese and English."""
    done = answer if isinstance(answer, Plan) else answer.plan
    zone = zone_of(done.zone)
    yield f"{done.id}: 已排 placed {len(done.contacts)} / {done.wished}" + (
        "" if done.complete else " (搜索到此为止, 或有更好的 the search was cut, there may be better)"
    )
    for one in done.contacts:
        at = one.contact.at.astimezone(zone)
        ends = "" if one.must_end_by is None else f" 须在 {one.must_end_by.astimezone(zone):%H:%M} 前结束 must end by"
        mark = "" if one.preferred else " (非首选时段 not at a preferred time)"
        yield (
            f"  {at:%Y-%m-%d %H:%M:%S}  {one.contact.channel:8}  {one.contact.party} {one.contact.point or '—'}"
            f"  {one.wish}{ends}{mark}"
        )
    if isinstance(answer, Prevented):
        yield from _rest(answer)


def _rest(answer: Prevented) -> Iterator[str]:
    for missing in answer.unplaced:
        yield f"  未排 not placed: {missing.wish} × {missing.count}"
        if missing.unknown:
            yield f"    缺少的事实 facts that are missing: {', '.join(missing.unknown)}"
    cause = _CAUSES[answer.cause]
    yield f"  {cause.zh} · {cause.en}" + ("" if answer.sure else " (搜索未尽 the search was cut)")
    for reason in answer.rules:
        yield f"    {reason.rule} ({reason.cites}): {reason.explain.zh} · {reason.explain.en}"


def _echoed(document: dict[str, Any]) -> str | None:
    written = document.get("id")
    return written.encode("utf-8", "replace").decode() if isinstance(written, str) else None


def _read(source: str) -> Iterator[dict[str, Any]]:
    try:
        yield from read_cases(source)
    except BadDocument as wrong:
        text = Text("文档无法读取", "the document cannot be read")
        click.echo(f"bad_json: {text.zh} {text.en}: {wrong}", err=True)
        sys.exit(2)
