"""合规规则: the law as of a day, pack → article → rule → readings, numbers, cases, and what differs from today."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse

from zhizhi.core.kernel.days import parse_day
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import Rule, params_of
from zhizhi.core.law.pack import Article, Pack, ReadingNote
from zhizhi.store.assessments.words import ID as ASSESSMENT
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.packs import list_packs, list_profiles, load_law
from zhizhi.web.console.access import screen
from zhizhi.web.console.house_on import houses_on
from zhizhi.web.console.law_on import differences, is_marked, pack_on, rule_on, stands
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens.assessments import precondition
from zhizhi.web.console.tried import word_of
from zhizhi.web.shared.clock import today

FOUND_MAX = 50
DIFFERENCES_MAX = 100
SEARCH_CHARACTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class Found:
    """An article that a search found."""

    pack: Pack
    article: Article


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in the tree of a pack. `stands`: in force on the day; `differs`: not so today."""

    article: Article
    stands: bool
    differs: bool
    marked: bool


@screen(Right.SEE_LAW)
def law(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The packs on a day (`?on=`), what differs from today, and with `?q=` the articles that speak of it."""
    packs = _packs()
    on, now = _day(request, at), today(at)
    written = request.GET.get("q", "").strip()[:SEARCH_CHARACTERS_MAX]
    found = [
        Found(pack, article) for pack in packs for article in pack.articles if written and _speaks_of(article, written)
    ]
    different = list(differences(packs, on, now)) if on != now else []
    context = {
        "here": "law",
        "packs": [pack_on(pack, on, now) for pack in packs],
        "profiles": _profiles(),
        "houses": houses_on(desk.viewer),
        "asked": written,
        "found": found[:FOUND_MAX],
        "is_cut": len(found) > FOUND_MAX,
        "different": different[:DIFFERENCES_MAX],
        "different_all": len(different),
        **_dated(on, now),
    }
    return page(request, desk, at, "law.html", context)


@screen(Right.SEE_LAW)
def law_pack(request: HttpRequest, desk: Desk, at: datetime, pack_id: str) -> HttpResponse:
    """One pack on a day; `?row=` or `?rule=` opens an article. A precondition of no pack has a page of its own."""
    if pack_id.startswith(ASSESSMENT):
        return precondition(request, desk, at, pack_id.removeprefix(ASSESSMENT))
    pack = _named(desk, pack_id)
    on, now = _day(request, at), today(at)
    article = _chosen(pack, request.GET.get("row", ""), request.GET.get("rule", ""))
    context = {
        "here": "law",
        "pack": pack,
        "standing": pack_on(pack, on, now),
        "tree": [_listed(pack, each, on, now) for each in pack.articles],
        "article": article,
        "listed": _listed(pack, article, on, now) if article else None,
        "rules": [rule_on(pack, rule, on, now, word_of) for rule in article.rules] if article else [],
        "notes": _notes(pack, article) if article else [],
        "different": list(differences([pack], on, now))[:DIFFERENCES_MAX] if on != now else [],
        **_dated(on, now),
    }
    return page(request, desk, at, "law_pack.html", context)


def _day(request: HttpRequest, at: datetime) -> date:
    """The day that is asked for; today where none is, or what is written is no day."""
    try:
        return parse_day(request.GET.get("on", ""))
    except ValueError:
        return today(at)


def _dated(on: date, now: date) -> dict[str, object]:
    """The day shown, whether it is today, and what keeps it in a link."""
    return {"on": on, "today_on": now, "is_today": on == now, "as_of": "" if on == now else f"&on={on.isoformat()}"}


def _packs() -> list[Pack]:
    try:
        return list_packs()
    except PackError as wrong:  # a pack that does not parse permits nothing either; the screen must not invent one
        raise Http404 from wrong


def _named(desk: Desk, pack_id: str) -> Pack:
    """The pack of this release, or the house pack that stands for a lender of this viewer."""
    pack = next((pack for pack in _packs() if pack.id == pack_id), None)
    if pack is None:
        pack = next((one.pack for one in houses_on(desk.viewer) if one.pack and one.pack.id == pack_id), None)
    if pack is None:
        raise Http404
    return pack


def _profiles() -> list[Law]:
    return [load_law(profile) for profile in list_profiles()]


def _chosen(pack: Pack, row: str, rule_id: str) -> Article | None:
    for article in pack.articles:
        if article.row == row or any(rule.id == rule_id for rule in article.rules):
            return article
    return pack.articles[0] if pack.articles and not row and not rule_id else None


def _listed(pack: Pack, article: Article, on: date, now: date) -> Listed:
    standing = stands(pack, article, on)
    if (on in pack.in_force) != (now in pack.in_force):
        return Listed(article, standing, False, is_marked(article))  # the page says so of the pack as a whole
    differs = standing != stands(pack, article, now) or any(_differs(pack, rule, on, now) for rule in article.rules)
    return Listed(article, standing, differs, is_marked(article))


def _differs(pack: Pack, rule: Rule, on: date, now: date) -> bool:
    """Whether a number of a rule is another one today."""
    names = {name for clause in rule.clauses.values() for name in params_of(clause)} & pack.params.keys()
    return on != now and any(pack.params[name].on(on) != pack.params[name].on(now) for name in names)


def _notes(pack: Pack, article: Article) -> list[ReadingNote]:
    """Readings of the pack that name this row, or a row that its rules rest on."""
    rows = {article.row, *(row for rule in article.rules for row in rule.rows)}
    return [note for note in pack.readings if any(row in note.text or row in note.title for row in rows)]


def _speaks_of(article: Article, written: str) -> bool:
    wanted = written.casefold()
    words = (
        article.row,
        article.article or "",
        article.title.zh,
        article.title.en,
        article.paraphrase.zh,
        article.paraphrase.en,
    )
    return any(wanted in text.casefold() for text in words) or any(wanted in rule.id for rule in article.rules)
