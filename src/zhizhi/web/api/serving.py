"""What every request of a token that acts goes through: token, scope, pace, key, shape; then it runs, once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from pydantic import BaseModel

from zhizhi.core.kernel.text import Text
from zhizhi.store.api.accounts import Caller, load_caller
from zhizhi.store.api.once import answered_once
from zhizhi.store.api.pace import Pace, seconds_to_wait
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.tokens import load_bearer
from zhizhi.web.api.asking import endpoint, key_of, may, said, secret_of
from zhizhi.web.api.operations import Call, Operation, View
from zhizhi.web.api.problems import (
    NO_METHOD,
    NO_SCOPE,
    NOT_THERE,
    TOO_FAST,
    Problem,
    answer,
)
from zhizhi.web.api.reading import TOO_LARGE, checked, read_body
from zhizhi.web.shared import clock
from zhizhi.web.shared.opening import NAMED, Opening

NAME_CHARACTERS_MAX = 100
NO_FORM = Text("请求体不是 multipart/form-data", "the body is no multipart/form-data")
FORM_FIELDS_BYTES_MAX = 1 << 20  # what a form holds beside its file


def serve(methods: Mapping[str, Operation]) -> View:
    """The view of one address."""

    @endpoint
    def answered(request: HttpRequest, **named: str) -> HttpResponse:
        operation = methods.get(request.method or "")
        if operation is None:
            raise Problem(405, "method", NO_METHOD, headers={"Allow": ", ".join(methods)})
        if operation.view is not None:
            return operation.view(request, **named)
        if not all(part.isprintable() and len(part) <= NAME_CHARACTERS_MAX for part in named.values()):
            raise Problem(404, "not_there", NOT_THERE)
        at = clock.now()
        return _worked(operation, request, named, caller_of(request, operation, at), at)

    first, *others = methods.values()
    posting = tuple(one.right for one in others if one.right is not first.right)
    setattr(answered, NAMED, Opening(first.right, tuple(methods), posting))
    return answered


def caller_of(request: HttpRequest, operation: Operation, at: datetime) -> Caller:
    """Who asks. Refuses: no token in force, one without the scope, one that asks too fast."""
    bearer = load_bearer(secret_of(request), at)
    caller = load_caller(bearer) if bearer is not None else None
    may(bearer, operation.scope)
    if caller is None or operation.scope not in caller.scopes:
        raise Problem(403, "no_scope", NO_SCOPE)
    wait = seconds_to_wait(caller.token_id, Pace(settings.API_PER_MINUTE, settings.API_AT_ONCE))
    if wait:
        raise Problem(429, "too_fast", TOO_FAST, headers={"Retry-After": str(wait)})
    return caller


def _worked(
    operation: Operation, request: HttpRequest, named: Mapping[str, str], caller: Caller, at: datetime
) -> HttpResponse:
    key = key_of(request) if operation.writes else ""
    query = checked(operation.query, _parameters(request), "/query") if operation.query is not None else None
    body, files, spoken = _read(operation, request)
    call = Call(caller=caller, at=at, named=named, body=body, query=query, files=files)

    def run() -> dict[str, Any]:
        assert operation.run is not None, "a view answers by itself"
        told = operation.run(call)
        return told.model_dump(mode="json") if isinstance(told, BaseModel) else told

    if not operation.writes:
        return answer(run())
    return answer(answered_once(Asked(caller.token_id, key, spoken), at, run))


def _parameters(request: HttpRequest) -> dict[str, Any]:
    """A parameter that stands twice is a list, which no field takes."""
    return {name: values[0] if len(values) == 1 else values for name, values in request.GET.lists()}


def _read(operation: Operation, request: HttpRequest) -> tuple[BaseModel | None, dict[str, Any], bytes]:
    if operation.parts:
        return _read_form(operation, request)
    if operation.body is None:
        return None, {}, said(request)
    return read_body(operation.body, request.body, operation.bytes_max), {}, said(request)


def _read_form(operation: Operation, request: HttpRequest) -> tuple[BaseModel | None, dict[str, Any], bytes]:
    """A form with files. Its idempotency rests on what the parts hold: their boundary differs with each sending."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > operation.bytes_max + FORM_FIELDS_BYTES_MAX:
        raise Problem(413, "too_large", TOO_LARGE)
    assert operation.body is not None, "a form has fields"
    try:
        fields, files = request.POST, request.FILES
    except (MultiPartParserError, UnicodeDecodeError) as error:
        raise Problem(400, "bad_form", NO_FORM) from error
    if request.content_type != "multipart/form-data":
        raise Problem(400, "bad_form", NO_FORM)
    written: dict[str, Any] = {name: values[0] if len(values) == 1 else values for name, values in fields.lists()}
    brought = {name: values[0] for name, values in files.lists() if len(values) == 1}
    body = checked(operation.body, written | {name: file.name for name, file in brought.items()})
    digest = hashlib.sha256(f"{request.method} {request.path}\n{sorted(written.items())}".encode())
    for name, file in sorted(brought.items()):
        digest.update(f"\n{name} {file.name} {file.size}\n".encode())
        for chunk in file.chunks():
            digest.update(chunk)
    return body, brought, digest.digest()
