"""The API described: as OpenAPI 3.1, as a page that needs nothing from elsewhere, and as a page of the docs."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from zhizhi.store.api.scopes import SCOPES
from zhizhi.web.api.answered import Texts
from zhizhi.web.api.asking import endpoint
from zhizhi.web.api.document import document
from zhizhi.web.api.operations import Operation
from zhizhi.web.api.problems import answer
from zhizhi.web.api.table import operations

PLAIN = frozenset((Texts,))
HEAD = """# 接口一览 · The HTTP API

由 `make docs` 从 `src/zhizhi/web/api/table.py` 生成；走通一遍见 [api.md](../api.md)。
Written by `make docs` from `src/zhizhi/web/api/table.py`; a first integration: [api.md](../api.md).
完整描述（OpenAPI 3.1） · whole document: `GET /api/v1/openapi.json`；可读页 · readable page: `GET /api/v1/docs`。

## 权限 · Scopes

| scope | 含义 · meaning | 外包机构 · agencies |
| --- | --- | --- |
"""


@endpoint
def openapi(request: HttpRequest) -> HttpResponse:
    """This API, described."""
    del request
    return answer(document())


@endpoint
def page(request: HttpRequest) -> HttpResponse:
    """The same for people, without style or script: nothing of the API's pages may load anything."""
    del request
    return HttpResponse(
        "".join(_html()), content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


def markdown() -> str:
    """The page of the docs."""
    return HEAD + "".join(_scopes()) + "".join(_groups())


def _scopes() -> Iterator[str]:
    for scope, row in SCOPES.items():
        yield f"| `{scope}` | {row.says.zh} · {row.says.en} | {'●' if row.for_agencies else ''} |\n"


def _groups() -> Iterator[str]:
    for group, members in groupby(operations(), key=lambda one: one.group):
        yield f"\n## {group.zh} · {group.en}\n\n| | 地址 · address | 作用 · what it does | scope | "
        yield "请求 → 答复 · body → answer |\n| --- | --- | --- | --- | --- |\n"
        for one in members:
            yield f"| {one.method} | `{one.path}` | {one.says.zh} · {one.says.en} | `{one.scope}` | {_types(one)} |\n"


def _types(one: Operation) -> str:
    told = one.answer.__name__.replace("[", " of ").replace("]", "")
    body = f"`{one.body.__name__}` → " if one.body is not None else ""
    return f"{body}`{told}`{'，Idempotency-Key' if one.writes else ''}"


def _html() -> Iterator[str]:
    yield '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield "<title>知止接口 · Zhizhi API</title><h1>知止接口 · Zhizhi API</h1>"
    yield '<p>机器可读 · for machines: <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1)'
    yield "<p>Authorization: Bearer …；写请求另加 · requests that write, also: Idempotency-Key: …"
    yield "<p>* 必填，或必有 · has to be there, or always is"
    for group, members in groupby(operations(), key=lambda one: one.group):
        yield f"<h2>{escape(group.zh)} · {escape(group.en)}</h2>"
        for one in members:
            yield f"<h3><code>{one.method} /api/v1/{escape(one.path)}</code></h3>"
            yield f"<p>{escape(one.says.zh)} · {escape(one.says.en)} — scope <code>{one.scope}</code>"
            yield f"{'，需 · needs Idempotency-Key' if one.writes else ''}"
            yield from _fields("请求 · body", one.body)
            yield from _fields("参数 · query", one.query)
            yield from _fields("答复 · answer", one.answer)


def _fields(title: str, shape: Any) -> Iterator[str]:
    """The fields of a record, one line each."""
    if shape is None:
        return
    name = shape.__name__.replace("[", " of ").replace("]", "")
    yield f"<p><b>{title}: {escape(name)}</b> {escape(' '.join((shape.__doc__ or '').split()))}"
    rows = [(field, _schema_of(shape, field)) for field in shape.model_fields if field != "root"]
    if rows:
        told = any("description" in schema for _, schema in rows)
        yield '<table border="1" cellpadding="4"><tr><th>字段 · field</th><th>类型 · type</th>'
        yield "<th>含义 · meaning</th></tr>" if told else "</tr>"
        for field, schema in rows:
            required = "" if not shape.model_fields[field].is_required() else " *"
            yield f"<tr><td><code>{field}</code>{required}</td><td>{escape(_kind(schema))}</td>"
            yield f"<td>{escape(schema.get('description', ''))}</td></tr>" if told else "</tr>"
        yield "</table>"
    for nested in _within(shape):
        yield from _fields("其中 · of which", nested)


def _within(shape: Any) -> Iterator[Any]:
    """The records that a record holds, each once; sentences and reasons read by themselves."""
    found: dict[Any, None] = {}
    waiting = [field.annotation for field in shape.model_fields.values()]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, type) and issubclass(one, BaseModel):
            if one not in PLAIN:
                found[one] = None
        else:
            waiting += get_args(one)
    yield from found


def _schema_of(shape: Any, field: str) -> dict[str, Any]:
    schema: dict[str, Any] = shape.model_json_schema(mode="serialization")["properties"].get(field, {})
    return schema


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    kind = schema.get("type", "")
    kind = " | ".join(kind) if isinstance(kind, list) else kind
    if kind == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return f"{kind} {schema['format']}" if "format" in schema else str(kind)
