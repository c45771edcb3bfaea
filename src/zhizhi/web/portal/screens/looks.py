"""谁看过我的信息: every look at a clear value of whoever is signed in: when, what, which role, on which ground."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zhizhi.core.kernel.text import Text
from zhizhi.store.unmasking.reads import LOOKS_TOLD_MAX, LookAtMe, load_looks_at_me
from zhizhi.store.viewer import reading
from zhizhi.web.portal.way_in import ENTERED, forgetting, goes_to, visitor_of
from zhizhi.web.shared import clock, vocabulary
from zhizhi.web.shared.language import language_of

# What a contact person reads of a role: a word that tells nothing of a debt, which is none of theirs to know.
_OUR_STAFF = Text("机构工作人员", "the institution's staff")
_THEIR_STAFF = Text("受托机构工作人员", "staff of a service provider")
_AGENCY_ROLES = frozenset(("agency_collector", "agency_manager"))
BORROWER = "borrower"


@never_cache
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """The looks, the newest first; the way in for whoever showed no code."""
    at, language = clock.now(), language_of(request)
    visitor = visitor_of(request, at)
    if visitor is None:
        return forgetting(goes_to(request, "my-sign-in"), ENTERED)
    with reading(visitor.viewer):
        found = load_looks_at_me()
    is_borrower = visitor.viewer.role == BORROWER
    context = {
        "at": at, "lang": language, "visitor": visitor, "is_borrower": is_borrower, "most": LOOKS_TOLD_MAX,
        "is_cut": len(found) == LOOKS_TOLD_MAX, "looks": told(found, is_borrower=is_borrower),
    }  # fmt: skip
    with translation.override("en" if language == "en" else "zh-hans"):
        response = render(request, "portal/looks.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def told(found: Sequence[LookAtMe], *, is_borrower: bool) -> list[tuple[datetime, Text, Text, Text]]:
    """When, what, who as a kind of role, and why, in words."""
    return [
        (
            look.at,
            vocabulary.word("unmasked", look.what),
            vocabulary.word("role", look.role) if is_borrower else _neutral(look.role),
            vocabulary.word("unmask_ground", look.ground),
        )
        for look in found
    ]


def _neutral(role: str) -> Text:
    return _THEIR_STAFF if role in _AGENCY_ROLES else _OUR_STAFF
