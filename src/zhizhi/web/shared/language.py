"""In which language a page speaks: the address's (`?lang=en`), the staff row's, else a cookie's; else Chinese."""

from django.http import HttpRequest

from zhizhi.core.kernel.text import Language

COOKIE = "zhizhi_language"
COOKIE_SECONDS = 365 * 24 * 3600


def language_of(request: HttpRequest | None) -> Language:
    """The language of the reader of this page."""
    chosen = None
    if request is not None:
        user = getattr(request, "user", None)
        chosen = request.GET.get("lang") or getattr(user, "language", None) or request.COOKIES.get(COOKIE)
    return "en" if chosen == "en" else "zh"
