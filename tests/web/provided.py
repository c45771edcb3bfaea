"""The product over HTTP with a real identity provider beside it, and a browser's way through both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urljoin

import httpx

from gateways.identity import CLIENT, SECRET, Peer, identity_provider
from web.standing import serving
from zhizhi.gateways.oidc.provider import OidcProvider
from zhizhi.gateways.oidc.settings import ProviderSettings
from zhizhi.store.models import Staff
from zhizhi.usecases.sign_in import installed
from zhizhi.web.shared import clock

HOPS_MAX = 20


@contextmanager
def with_provider(local_roles: tuple[str, ...] = ("administrator",)) -> Iterator[tuple[str, Peer]]:
    """The address of our site and the provider; the clock is real, for the provider's is."""
    clock.install(lambda: datetime.now(UTC))
    with serving() as site, identity_provider(site) as peer:
        settings = ProviderSettings(peer.issuer, CLIENT, SECRET, "employee_number", local_roles, name="统一认证登录")
        provider = OidcProvider(settings)
        installed.install(provider)
        try:
            yield site, peer
        finally:
            installed.install(None)
            provider.close()
            clock.install()


def admit(login: str, role: str = "collector", lender: int | None = None, **changes: object) -> int:
    """Somebody whom two persons admitted, without a password; the login is the employee number."""
    plain: dict[str, object] = {"is_admitted": True, "password": "!", "name": f"成员{login}"}
    row = Staff.objects.using("gate").create(login=login, role=role, lender_id=lender, **(plain | changes))
    return int(row.pk)


class Browser:
    """Follows both sites as a browser does, with one jar of cookies."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.client = httpx.Client(trust_env=False, timeout=120)

    def get(self, path: str) -> httpx.Response:
        """A page of ours."""
        return self.client.get(self.site + path)

    def post(self, path: str, **said: str) -> httpx.Response:
        """A form of ours."""
        self.client.get(self.site + "/sign-in")
        token = self.client.cookies.get("csrftoken") or ""
        return self.client.post(self.site + path, data={"csrfmiddlewaretoken": token, **said})

    def enter(self, login: str, *, second: bool = False, start: str = "/sign-in/provider") -> httpx.Response:
        """Through the provider, until one of our pages answers."""
        return self.follow(self.get(start), login, second=second)

    def follow(self, response: httpx.Response, login: str = "", *, second: bool = False) -> httpx.Response:
        """Go where answers send, and fill in the provider's form."""
        for _ in range(HOPS_MAX):
            if response.is_redirect:
                response = self.client.get(urljoin(str(response.url), response.headers["location"]))
            elif str(response.url).startswith(self.site):
                return response
            else:
                said = {"login": login} | ({"second": "yes"} if second else {})
                response = self.client.post(str(response.url), data=said)
        raise AssertionError("it never came to an end")
