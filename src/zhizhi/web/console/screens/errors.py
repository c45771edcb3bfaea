"""Pages for what went wrong: what happened, in both languages' words, and the way on."""

import sys
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.core.kernel.text import Text
from zhizhi.web.shared import clock

AGAIN_AFTER_SECONDS = 5
CAUSES_MAX = 10
BAD_REQUEST = Text(
    "请求不完整或已过期，请返回后重试。", "The request was incomplete or too old; go back and try again."
)
FORBIDDEN = Text("您的角色不能做这件事。", "Your role does not allow this.")
NOT_FOUND = Text("没有这一页，或不在您的权限内。", "There is no such page, or it is not yours to see.")
FAILED = Text(
    "系统出错，没有联系任何人。请稍后再试；若再次发生，请告知管理员。",
    "Something failed; nobody was contacted. Try again, and tell the administrator if it happens again.",
)
AWAY = Text(
    "数据库暂时连不上。刚才的操作多半没有保存：请稍候刷新，先核对，再重做。若一直如此，请告知管理员。",
    "The database cannot be reached. What you just did was probably not kept: reload in a moment and look before you do"
    " it again. Tell the administrator if it stays so.",
)
NO_KEYS = Text(
    "密钥服务暂时不可用，加密的资料打不开，没有联系任何人。请稍候刷新；若一直如此，请告知管理员。",
    "The key service is away, so sealed data cannot be opened; nobody was contacted. Reload in a moment, and tell the"
    " administrator if it stays so.",
)
STALE = Text("页面已过期，请返回、刷新后重试。", "The page was too old; go back, reload and try again.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _error(request, 400, BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _error(request, 403, FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _error(request, 404, NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database or the key service is what failed; it asks nothing of either itself."""
    causes = list(_causes(sys.exception()))
    if any(isinstance(one, OperationalError | InterfaceError) for one in causes):
        return _away(request, AWAY)
    if any(isinstance(one, KeyUnavailable) for one in causes):
        return _away(request, NO_KEYS)
    return _error(request, 500, FAILED)


def _away(request: HttpRequest, said: Text) -> HttpResponse:
    response = _error(request, 503, said)
    response.headers["Retry-After"] = str(AGAIN_AFTER_SECONDS)
    return response


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was raised from: a template or a list wraps what failed inside it."""
    for _ in range(CAUSES_MAX):
        if error is None:
            return
        yield error
        error = error.__cause__


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form without a fresh token."""
    return _error(request, 403, STALE)


def _error(request: HttpRequest, status: int, said: Text) -> HttpResponse:
    return render(request, "console/error.html", {"status": status, "said": said, "at": clock.now()}, status=status)
