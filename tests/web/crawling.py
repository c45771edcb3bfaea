"""Everything that somebody can reach by following what pages offer, each page once a kind, and what is inline in it."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

PAGES_MAX = 600
SAME_KIND_MAX = 2  # addresses of one view with the same names of terms
LOADED = {"src", "srcset", "poster", "data", "background", "hx-get", "hx-post", "action", "formaction", "ping"}
LINKS = {"link": "href", "a": "href", "base": "href"}


@dataclass(frozen=True)
class Seen:
    """One answer."""

    address: str
    answer: HttpResponse


class Page(HTMLParser):
    """What a page asks of a browser: addresses, and whatever runs or paints from inside the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes that run, paint or load."""
        named = {name: value or "" for name, value in attrs}
        self._inside = tag if tag in ("script", "style") else ""
        if tag in ("style", "iframe", "object", "embed", "applet", "base") or (tag == "script" and "src" not in named):
            self.inline.append(f"<{tag}>")
        for name, value in named.items():
            is_link = LINKS.get(tag) == name
            if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")) or name == "srcdoc":
                self.inline.append(f"{tag} {name}")
            is_picture = tag == "img" and value.startswith("data:image/")
            is_code = re.match(r"\s*(javascript|vbscript|data):", value, re.IGNORECASE)
            if (is_link or name in LOADED) and is_code and not is_picture:
                self.inline.append(f"{tag} {name} {value[:20]}")
            if name in LOADED or (tag == "link" and is_link):
                self.loaded.append(value)
            if tag == "a" and is_link:
                self.addresses.append(value)
            if name in ("action", "hx-get"):
                self.addresses.append(value)

    def handle_data(self, data: str) -> None:
        """Words inside a script that has an address, too."""
        if self._inside and data.strip():
            self.inline.append(f"words in <{self._inside}>")

    def handle_endtag(self, tag: str) -> None:
        """Out of it again."""
        self._inside = ""


def crawl(client: Client, *begins: str) -> Iterator[Seen]:
    """Every page that can be reached by GET, of one kind a few."""
    waiting, known, kinds = deque(begins), set(begins), dict[tuple[str, tuple[str, ...]], int]()
    for _ in range(PAGES_MAX):
        if not waiting:
            return
        address = waiting.popleft()
        answer = client.get(address)
        yield Seen(address, answer)
        found = [answer["Location"]] if answer.has_header("Location") else []
        if answer["Content-Type"].startswith("text/html"):
            found = Page(text_of(answer)).addresses
        for one in found:
            joined = urldefrag(urljoin(f"http://testserver{address}", one)).url
            parts = urlsplit(joined)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc != "testserver" or target in known or parts.path.startswith("/static/"):
                continue
            known.add(target)
            kind = _kind(parts.path, parts.query)
            kinds[kind] = kinds.get(kind, 0) + 1
            if kinds[kind] <= SAME_KIND_MAX:
                waiting.append(target)
    raise AssertionError(f"more than {PAGES_MAX} pages")


def _kind(path: str, query: str) -> tuple[str, tuple[str, ...]]:
    try:
        name = resolve(path).route
    except Resolver404:
        name = path
    return name, tuple(sorted({key for key, _ in parse_qsl(query)}))


def text_of(answer: HttpResponse) -> str:
    """The words of a page, streamed or not."""
    parts = answer.streaming_content if answer.streaming else [answer.content]  # type: ignore[attr-defined]  # either kind
    return b"".join(parts).decode("utf-8", "replace")
