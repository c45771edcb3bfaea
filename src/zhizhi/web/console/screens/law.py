"""合规规则: pack → article → rule → parameters, readings, cases, as the packs of this release say it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse

from zhizhi.core.law.errors import PackError
from zhizhi.core.law.nodes import Rule, params_of
from zhizhi.core.law.pack import Article, Pack, PackCase, Parameter
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.packs import list_packs
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page
from zhizhi.web.shared.clock import today

FOUND_MAX = 50
SEARCH_CHARACTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with the parameters that it names and its cases."""

    rule: Rule
    params: tuple[Parameter, ...]
    cases: tuple[PackCase, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An article that a search found."""

    pack: Pack
    article: Article


@screen()
def law(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The packs, and with `?q=` the articles that speak of it."""
    packs = _packs()
    written = request.GET.get("q", "").strip()[:SEARCH_CHARACTERS_MAX]
    found = [
        Found(pack, article) for pack in packs for article in pack.articles if written and _speaks_of(article, written)
    ]
    context = {
        "here": "law",
        "packs": packs,
        "asked": written,
        "found": found[:FOUND_MAX],
        "is_cut": len(found) > FOUND_MAX,
        "on": today(at),
    }
    return page(request, desk, at, "law.html", context)


@screen()
def law_pack(request: HttpRequest, desk: Desk, at: datetime, pack_id: str) -> HttpResponse:
    """One pack; `?row=` or `?rule=` opens an article."""
    pack = next((pack for pack in _packs() if pack.id == pack_id), None)
    if pack is None:
        raise Http404
    article = _chosen(pack, request.GET.get("row", ""), request.GET.get("rule", ""))
    context = {
        "here": "law",
        "pack": pack,
        "article": article,
        "rules": [_view(pack, rule) for rule in article.rules] if article else [],
        "notes": _notes(pack, article) if article else [],
        "on": today(at),
    }
    return page(request, desk, at, "law_pack.html", context)


def _packs() -> list[Pack]:
    try:
        return list_packs()
    except PackError as wrong:  # a pack that does not parse permits nothing either; the screen must not invent one
        raise Http404 from wrong


def _chosen(pack: Pack, row: str, rule_id: str) -> Article | None:
    for article in pack.articles:
        if article.row == row or any(rule.id == rule_id for rule in article.rules):
            return article
    return pack.articles[0] if pack.articles and not row and not rule_id else None


def _view(pack: Pack, rule: Rule) -> RuleView:
    names = {
        name
        for clause in rule.clauses.values()
        for part in (clause.when, clause.unless, clause.body)
        for name in params_of(part)
    }
    params = tuple(pack.params[name] for name in sorted(names) if name in pack.params)
    cases = tuple(case for case in pack.cases if case.rule in (rule.id, rule.label) and case.row == rule.row)
    return RuleView(rule, params, cases)


def _notes(pack: Pack, article: Article) -> list[object]:
    """Readings of the pack that name this row."""
    return [note for note in pack.readings if article.row in note.text or article.row in note.title]


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
