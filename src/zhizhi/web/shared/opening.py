"""What opens an address: the right that it names, or why it needs none. The matrix of rights is made from this."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True, slots=True)
class Opening:
    """A right that opens a view; `posting`: one of these besides, for a POST."""

    right: Right
    methods: tuple[str, ...]
    posting: tuple[Right, ...] = ()

    def rights_for(self, method: str) -> tuple[tuple[Right, ...], ...]:
        """What a method wants: of each group one."""
        return ((self.right,), self.posting) if method == "POST" and self.posting else ((self.right,),)


NAMED = "opening"
API, API_URLS = "api/v1/", "zhizhi.web.api.urls"
# By route. Everything else names a right, or the test of the matrix fails.
OPEN_TO_ALL = {
    "sign-in": Text("登录", "signing in"),
    "sign-in/factor": Text("登录的第二步", "the second step of signing in"),
    "sign-in/enrol": Text("登录时登记第二因素", "enrolling a second factor while signing in"),
    "sign-in/provider": Text("经统一认证登录", "signing in through the identity provider"),
    "sign-in/provider/answer": Text("统一认证的答复", "the identity provider's answer"),
    "sign-in/provider/logout": Text("统一认证的退出通知，须有其签名", "the provider's signed word of an end"),
    "sign-out/provider": Text("退出之后，统一认证的退出链接", "after signing out, the way to the provider's"),
    "invitation": Text("凭邀请码", "by the code of an invitation"),
    "invitation/password": Text("凭邀请码设置第一个密码", "the first password, by an invitation"),
    "sign-out": Text("退出自己的登录", "ending one's own session"),
    "language": Text("换语言", "changing the language"),
    "healthz": Text("存活探测，不含数据", "a sign of life without data"),
    "metrics": Text("凭采集令牌", "by the token of the scraper"),
    "lawful": Text("公开试算，不存任何内容", "public trying of the law, keeps nothing"),
    "my": Text("凭短信验证码，只见本人", "by a code that the person asked for; shows the person's own"),
    "my/sign-in": Text("请求验证码，对谁都一样", "asking for a code, the same for everybody"),
    "my/code": Text("输入验证码", "showing the code"),
    "my/sign-out": Text("退出本人查询", "leaving the portal"),
    "api/v1/openapi.json": Text("接口说明", "the description of the API"),
    "api/v1/docs": Text("接口说明，供人阅读", "the same for people"),
    "api/v1/^(?P<rest>.*)$": Text("没有的地址", "addresses that do not exist"),
}


def opened_by(right: Right, *methods: str) -> Callable[[View], View]:
    """Names the right that a view asks of its token by itself."""

    def name(view: View) -> View:
        setattr(view, NAMED, Opening(right, methods))
        return view

    return name


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the product with its view; `route` as the URL configuration writes it."""

    route: str
    view: Callable[..., HttpResponse]

    @property
    def opening(self) -> Opening | None:
        """What it names; None where it names nothing."""
        found: Any = getattr(self.view, NAMED, None)
        return found if isinstance(found, Opening) else None


def addresses() -> Iterator[Address]:
    """Every address of the product, from the URL configurations themselves."""
    yield from _below(get_resolver().url_patterns, "")
    yield from _below(get_resolver(API_URLS).url_patterns, API)


def _below(patterns: Sequence[URLPattern | URLResolver], before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern.url_patterns, route)
        else:
            yield Address(route, pattern.callback)
