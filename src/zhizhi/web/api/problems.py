"""Problems (RFC 9457) in both languages: what, where, and what to do; never a value that was sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from zhizhi.core.kernel.text import Text

PROBLEM = "application/problem+json; charset=utf-8"
JSON = "application/json; charset=utf-8"

NO_TOKEN = Text(
    "缺少有效令牌；请发送 Authorization: Bearer <令牌>", "no valid token; help: send `Authorization: Bearer <token>`"
)
NO_SCOPE = Text("该令牌无此权限", "this token may not do this; help: have one made with the scope")
NO_KEY = Text("请发送 Idempotency-Key（1–100 个可见字符）", "help: send `Idempotency-Key`, 1 to 100 visible characters")
NOT_THERE = Text("没有这一项，或不在令牌范围内", "it is not there, or not this token's")
NO_METHOD = Text("此地址不接受该方法", "this address takes no such method; help: see `Allow`")
TOO_FAST = Text(
    "请求过快，请在 Retry-After 秒后再试", "too many requests; help: come again after `Retry-After` seconds"
)
NO_PAGE = Text("没有这个接口，见 /api/v1/openapi.json", "there is no such endpoint; see /api/v1/openapi.json")
NO_HOST = Text(
    "本系统不以此主机名提供服务；请检查地址或 ZHIZHI_HOSTS",
    "nothing is served under this host name; help: check the address, or ZHIZHI_HOSTS",
)
FAILED = Text(
    "系统出错，请用同一 Idempotency-Key 重试", "something failed; help: ask again with the same Idempotency-Key"
)
AWAY = Text(
    "数据库暂时连不上，请用同一 Idempotency-Key 重试",
    "the database cannot be reached; help: ask again with the same Idempotency-Key",
)


class Problem(Exception):
    """A request that is not answered as asked."""

    def __init__(
        self,
        status: int,
        code: str,
        text: Text,
        places: "tuple[Place, ...]" = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.text, self.places = status, code, text, places
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Place:
    """One thing wrong with a request: a JSON pointer, and what to write there."""

    pointer: str
    text: Text

    def to_document(self) -> dict[str, Any]:
        """As it stands in `errors`."""
        return {"pointer": self.pointer, "detail": self.text.to_document()}


def answer(document: object, status: int = 200) -> HttpResponse:
    """A JSON answer; nobody on the way keeps it."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type=JSON, headers={"Cache-Control": "no-store"})


def problem_answer(problem: Problem) -> HttpResponse:
    """The document of a problem."""
    document: dict[str, Any] = {
        "type": f"urn:zhizhi:problem:{problem.code}",
        "title": problem.text.en,
        "status": problem.status,
        "detail": problem.text.to_document(),
    }
    if problem.places:
        document["errors"] = [place.to_document() for place in problem.places]
    headers = {"Cache-Control": "no-store", **problem.headers}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=problem.status, content_type=PROBLEM, headers=headers)
