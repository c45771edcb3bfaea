"""The OpenAPI 3.1 document, made of the table of operations and the types that they take and answer."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from zhizhi.web.api.answered import Problem
from zhizhi.web.api.operations import Operation
from zhizhi.web.api.table import operations

PAGE_NAME = re.compile(r"\bPage_(\w+?)_\b")  # as pydantic writes `Page[Case]`
REF = "#/components/schemas/{model}"
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "同一键同一请求得到同一答复；保留两天 · the same key and request get the same answer; kept two days",
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
}
PROBLEMS = {
    "400": "请求体或键有误 · body or key unreadable",
    "401": "无有效令牌 · no valid token",
    "403": "令牌无此权限 · scope missing",
    "404": "不存在或不在令牌范围内 · not there, or not this token's",
    "409": "业务上拒绝 · refused, see `type`",
    "413": "请求体过大 · body too large",
    "422": "字段有误，或键已用于另一请求 · fields wrong, or the key belongs to another request",
    "429": "请求过快，见 Retry-After · too many requests, see Retry-After",
    "503": "数据库或时钟不可用 · database or clock not available",
}
DESCRIPTION = (
    "贷后作业接口：导入、读取、判定、提出联系、回报、登记、存证 · import, read, decide, propose, record, prove"
)


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for one in operations():
        modes.append((one.answer, "serialization"))
        modes += [(shape, "validation") for shape in (one.body, one.query) if shape is not None]
    refs, made = models_json_schema(list(dict.fromkeys(modes)), ref_template=REF)
    names = {key: value["$ref"].rpartition("/")[2] for key, value in refs.items()}
    schemas = _without_titles(made["$defs"])
    queries = {names[one.query, "validation"] for one in operations() if one.query is not None}
    paths: dict[str, dict[str, Any]] = {}
    for one in operations():
        paths.setdefault(f"/{one.path}", {})[one.method.lower()] = _operation(one, names, schemas)
    for name in queries:
        del schemas[name]
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "知止 Zhizhi", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted(schemas.items())),
        },
    }
    named: dict[str, Any] = json.loads(PAGE_NAME.sub(r"PageOf\1", json.dumps(whole)))
    return named


def _operation(one: Operation, names: dict[Any, str], schemas: dict[str, Any]) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": _ref(names[Problem, "serialization"])}}
    good = {"application/json": {"schema": _ref(names[one.answer, "serialization"])}}
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.group.en],
        "summary": f"{one.says.zh} · {one.says.en}",
        "description": f"scope `{one.scope}`",
        "parameters": [*([KEY] if one.writes else []), *_in_path(one), *_in_query(one, names, schemas)],
    }
    if one.body is not None:
        kind = "multipart/form-data" if one.parts else "application/json"
        name = names[one.body, "validation"]
        schema = _with_file(schemas.pop(name)) if one.parts else _ref(name)
        told["requestBody"] = {"required": True, "content": {kind: {"schema": schema}}}
    told["responses"] = {"200": {"description": "答复 · the answer", "content": good}} | {
        status: {"description": says, "content": problem} for status, says in PROBLEMS.items()
    }
    return told


def _in_path(one: Operation) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", one.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(one: Operation, names: dict[Any, str], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if one.query is None:
        return
    shape = schemas[names[one.query, "validation"]]
    for name, schema in shape["properties"].items():
        said = dict(schema)
        if isinstance(said["type"], list):  # in an address there is no null, only absence
            said["type"] = said["type"][0]
        if None in said.get("enum", ()):
            said["enum"] = [word for word in said["enum"] if word is not None]
        said.pop("default", None)
        described = said.pop("description", "")
        yield {"name": name, "in": "query", "required": False, "description": described, "schema": said}


def _with_file(schema: dict[str, Any]) -> dict[str, Any]:
    """A form: the file is bytes, not its name, and what a form writes is text."""
    said: dict[str, Any] = dict(schema["properties"]["file"])
    binary = {"type": "string", "format": "binary", "description": said.get("description", "")}
    fields = {name: dict(one) for name, one in schema["properties"].items()} | {"file": binary}
    for one in fields.values():
        one.pop("default", None)
        if isinstance(one["type"], list):
            one["type"] = one["type"][0]
    return {**schema, "properties": fields}


def _without_titles(schema: Any) -> Any:
    """pydantic titles everything after its name; a reader has the name already."""
    if isinstance(schema, dict):
        return {
            name: _without_titles(part)
            for name, part in schema.items()
            if not (name == "title" and isinstance(part, str))
        }
    return [_without_titles(part) for part in schema] if isinstance(schema, list) else schema


def _ref(name: str) -> dict[str, str]:
    return {"$ref": REF.format(model=name)}
