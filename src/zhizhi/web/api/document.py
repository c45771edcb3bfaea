"""The OpenAPI 3.1 document, generated from the records that bodies are read into."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from zhizhi.web.api.shapes import CallRecord, ManyLeases, NamedCase, Nothing, OneLease

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
    "503": "数据库或时钟不可用 · database or clock not available",
}


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    operations: tuple[tuple[str, str, str, str, Any, str, tuple[str, ...]], ...] = (
        ("/leases", "leaseOne", "租用一个许可", "lease a permit for one person", OneLease, "LeaseAnswer", ()),
        ("/leases/batch", "leaseMany", "批量租用", "lease for several persons", ManyLeases, "LeaseAnswers", ()),
        ("/leases/{lease}/confirm", "confirmLease", "拨打前确认", "confirm right before ringing", Nothing,
         "Confirmation", ("lease",)),
        ("/leases/{lease}/records", "recordLease", "回报通话记录", "report what happened", CallRecord,
         "Recorded", ("lease",)),
        ("/campaigns/{campaign}/end", "endCampaign", "结束活动", "end a campaign", Nothing,
         "CampaignEnded", ("campaign",)),
    )  # fmt: skip
    shapes = {shape.__name__: _schema(shape) for shape in (OneLease, ManyLeases, NamedCase, CallRecord, Nothing)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "知止 Zhizhi", "version": "1", "description": "许可租用接口 · leasing permits for calls"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": {path: {"post": _operation(*rest)} for path, *rest in operations},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": shapes | ANSWERS,
        },
    }


def _operation(name: str, zh: str, en: str, shape: Any, answer: str, named: tuple[str, ...]) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    own = [{"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in named]
    good = {"description": "答复 · the answer", "content": {"application/json": {"schema": _ref(answer)}}}
    return {
        "operationId": name,
        "summary": f"{zh} · {en}",
        "parameters": [KEY, *own],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(shape.__name__)}}},
        "responses": {"200": good}
        | {status: {"description": says, "content": problem} for status, says in PROBLEMS.items()},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schema(shape: Any) -> dict[str, Any]:
    kinds = get_type_hints(shape)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in fields(shape) if one.default is MISSING],
        "properties": {one.name: _property(kinds[one.name], one.metadata) for one in fields(shape)},
    }


def _property(kind: Any, bounds: Mapping[str, Any]) -> dict[str, Any]:
    optional = get_origin(kind) in (Union, types.UnionType)
    kind = next(part for part in get_args(kind) if part is not type(None)) if optional else kind
    told = {"description": f"{bounds['says'].zh} · {bounds['says'].en}"}
    schema: dict[str, Any]
    if get_origin(kind) is tuple:
        items = _ref(get_args(kind)[0].__name__)
        return told | {"type": "array", "minItems": 1, "maxItems": bounds["most"], "items": items}
    if kind is int:
        schema = {"type": "integer", "minimum": bounds["least"], "maximum": bounds["most"]}
    elif kind is datetime:
        schema = {"type": "string", "format": "date-time"}
    elif bounds["one_of"]:
        schema = {"type": "string", "enum": list(bounds["one_of"])}
    else:
        schema = {"type": "string", "minLength": bounds["least"], "maxLength": bounds["most"]}
    return told | ({**schema, "type": [schema["type"], "null"]} if optional else schema)


_TEXT = {"type": "string"}
_INSTANT = {"type": "string", "format": "date-time"}
_MAYBE_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_TEXTS = {"type": "object", "required": ["zh", "en"], "properties": {"zh": _TEXT, "en": _TEXT}}


def _answer(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


_REASON = _answer("rule cites explain", rule=_TEXT, cites=_TEXT, explain=_TEXTS)
ANSWERS: dict[str, Any] = {
    "LeaseAnswer": {
        "oneOf": [
            _answer(
                "verdict lease number expires_at expires_in_seconds must_end_by obligations",
                verdict={"const": "permit"},
                lease=_TEXT,
                number=_TEXT,
                expires_at=_INSTANT,
                expires_in_seconds={"type": "integer"},
                must_end_by=_MAYBE_INSTANT,
                obligations={"type": "array", "items": _answer("rule do", rule=_TEXT, do=_TEXT)},
            ),
            _answer(
                "verdict next_permitted_at hold_for unknown reasons",
                verdict={"enum": ["forbid", "hold", "presumed_violation"]},
                next_permitted_at=_MAYBE_INSTANT,
                hold_for={"enum": ["person", "outcome", None]},
                unknown={"type": "array", "items": _TEXT},
                reasons={"type": "array", "items": _REASON},
            ),
            _answer("verdict code explain", verdict={"const": "refused"}, code=_TEXT, explain=_TEXTS),
        ]
    },
    "LeaseAnswers": _answer("leases", leases={"type": "array", "items": _ref("LeaseAnswer")}),
    "Confirmation": {
        "oneOf": [
            _answer(
                "valid lease must_end_by", valid={"const": True}, lease=_TEXT, must_end_by=_MAYBE_INSTANT, number=_TEXT
            ),
            _answer(
                "valid lease code explain",
                valid={"const": False},
                lease=_TEXT,
                code=_TEXT,
                explain=_TEXTS,
                verdict={"enum": ["forbid", "hold", "presumed_violation"]},
                next_permitted_at=_MAYBE_INSTANT,
                hold_for={"enum": ["person", "outcome", None]},
                unknown={"type": "array", "items": _TEXT},
                reasons={"type": "array", "items": _REASON},
            ),
        ]
    },
    "Recorded": _answer(
        "lease counted state inquiries",
        lease=_TEXT,
        counted={"type": "boolean"},
        state={"enum": ["open", "settled", "given_back"]},
        inquiries={"type": "array", "items": _TEXT},
    ),
    "CampaignEnded": _answer("campaign recalled", campaign=_TEXT, recalled={"type": "integer"}),
    "Problem": _answer(
        "type title status detail",
        type=_TEXT,
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXTS,
        errors={"type": "array", "items": _answer("pointer detail", pointer=_TEXT, detail=_TEXTS)},
    ),
}  # fmt: skip
