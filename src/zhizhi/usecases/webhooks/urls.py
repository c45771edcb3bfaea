"""What an address of another system has to be. What its name leads to is looked at again at each connection."""

from urllib.parse import urlsplit

from zhizhi.core.kernel.addresses import literal
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.webhooks.house import HouseRules

URL_CHARACTERS_MAX = 500
_BAD = Text(
    "请填 https 地址：无用户名、无 #，不是内网或本机地址",
    "help: an https address without user name and fragment, and of no private network",
)
# Names that never lead out; others are judged by what they resolve to.
_LOCAL = ("localhost", "local", "localdomain", "internal", "home.arpa")


class UrlRefused(UseCaseRefused):
    """No address that anybody is told at."""

    def __init__(self) -> None:
        super().__init__("bad_url", _BAD, "url")


def checked_url(written: str, rules: HouseRules) -> str:
    """The address as it came. Refuses: UrlRefused."""
    if not written.isascii() or not written.isprintable() or " " in written or len(written) > URL_CHARACTERS_MAX:
        raise UrlRefused
    try:
        parts = urlsplit(written)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise UrlRefused from None
    schemes = ("https", "http") if rules.plain else ("https",)
    if (
        parts.scheme not in schemes
        or not host
        or parts.username is not None
        or "#" in written
        or port == 0
        or "\\" in written
    ):
        raise UrlRefused
    address = literal(host)
    if address is not None and not rules.own.allow(address):
        raise UrlRefused
    is_local = host in _LOCAL or host.endswith(tuple(f".{one}" for one in _LOCAL))
    if is_local and not rules.own.networks:
        raise UrlRefused
    return written
