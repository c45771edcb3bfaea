"""The page "what left this system": plain HTML without any outside file, every value escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

PAGE_SIZE = 100
MAX_SHOWN_TEXT = 1_500

_CHANNEL_NAMES = {"": "全部 All", "sms": "短信 SMS", "email": "邮件 E-mail"}
_STATE_NAMES = {"delivered": "已送达 delivered", "undelivered": "未送达 undelivered"}

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: #b45309; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; line-height: 1.5;
  font-family: system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
.banner { border: 1px solid var(--mark); border-left-width: .4rem; border-radius: .4rem;
  padding: .5rem .8rem; margin: .75rem 0; }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
nav a { padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 1rem;
  text-decoration: none; color: inherit; }
nav a[aria-current] { background: var(--soft); font-weight: 600; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; margin: .6rem 0; }
header.row { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .85rem; opacity: .8; }
header.row span { min-width: 0; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
.subject { font-weight: 600; overflow-wrap: anywhere; margin: .4rem 0 0; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .5rem; }
input[type=text] { flex: 1 1 12rem; font: inherit; padding: .35rem .5rem;
  border: 1px solid var(--line); border-radius: .3rem; }
button { font: inherit; padding: .35rem .9rem; border: 1px solid var(--line); border-radius: .3rem; cursor: pointer; }
summary { cursor: pointer; font-size: .85rem; }
.quiet { opacity: .75; font-size: .9rem; }
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows."""

    channel: str
    number: int
    total: int
    counts: Mapping[str, int]
    messages: Sequence[tuple[int, Mapping[str, Any]]]
    states: Mapping[int, str]
    token: str
    notice: str = ""


def render(page: Page) -> bytes:
    """The page in UTF-8."""
    return "".join(
        (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>演示发件箱 · Demonstration outbox</title><style>{_STYLE}</style></head><body>",
            "<h1>从本系统发出的内容 · What left this system</h1>",
            '<p class="banner"><strong>演示发件箱</strong>:它代替短信服务商和邮件服务器,内容不会送达任何人。<br>',
            "<strong>Demonstration outbox</strong>: it plays the providers; nothing in here reaches anybody.</p>",
            f'<p role="status">{escape(page.notice)}</p>' if page.notice else "",
            _filters(page),
            "".join(_message(page, n, message) for n, message in page.messages) or _EMPTY,
            _pages(page),
            "</body></html>",
        )
    ).encode()


_EMPTY = '<p class="quiet">还没有内容发出。<br>Nothing has left yet.</p>'


def _filters(page: Page) -> str:
    links = []
    for channel, name in _CHANNEL_NAMES.items():
        current = ' aria-current="page"' if channel == page.channel else ""
        links.append(f'<a href="{_link(channel, 1)}"{current}>{name} · {page.counts[channel]:,}</a>')
    return f'<nav aria-label="渠道 Channel">{"".join(links)}</nav>'


def _pages(page: Page) -> str:
    last = max(1, -(-page.total // PAGE_SIZE))
    if last == 1:
        return ""
    newer = f'<a href="{_link(page.channel, page.number - 1)}" rel="prev">较新 Newer</a>' if page.number > 1 else ""
    older = f'<a href="{_link(page.channel, page.number + 1)}" rel="next">较早 Older</a>' if page.number < last else ""
    return f'<nav aria-label="分页 Pages">{newer}<span class="quiet">{page.number:,} / {last:,}</span>{older}</nav>'


def _message(page: Page, n: int, message: Mapping[str, Any]) -> str:
    text = str(message["text"])
    if len(text) > MAX_SHOWN_TEXT:
        text = text[:MAX_SHOWN_TEXT] + "…"
    state = _STATE_NAMES.get(page.states.get(n, ""), "")
    facts = (_CHANNEL_NAMES[message["channel"]], str(message["to"]), str(message["at"]), state)
    row = "".join(f"<span>{escape(fact)}</span>" for fact in facts if fact)
    subject = f'<p class="subject">{escape(str(message["subject"]))}</p>' if message.get("subject") else ""
    reply = _reply_form(page, n) if message["channel"] == "sms" else ""
    return f'<article><header class="row">{row}</header>{subject}<p class="text">{escape(text)}</p>{reply}</article>'


def _reply_form(page: Page, n: int) -> str:
    return (
        "<details><summary>以借款人身份回复 · Reply as the borrower</summary>"
        '<form method="post" action="/reply">'
        f'<input type="hidden" name="token" value="{escape(page.token)}"><input type="hidden" name="n" value="{n}">'
        '<input type="text" name="text" value="退订" maxlength="200" required aria-label="回复内容 Text of the reply">'
        "<button>回复 Reply</button></form></details>"
    )


def _link(channel: str, number: int) -> str:
    return escape("/?" + urlencode({"channel": channel, "page": number}))
