"""`/healthz` for the supervisor and a load balancer, `/metrics` for a scraper that knows the token."""

import hmac

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zhizhi.store.operations.figures import database_answers

TOKEN_CHARACTERS_MIN = 24
PLAIN = "text/plain; charset=utf-8"


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while pages can be served; 503 while the database is away. Says nothing of the house."""
    try:
        is_well = database_answers()
    except Error:
        is_well = False
    return HttpResponse("ok\n" if is_well else "database away\n", status=200 if is_well else 503, content_type=PLAIN)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of the installation. Without a token in the settings there is no such page."""
    if len(settings.METRICS_TOKEN) < TOKEN_CHARACTERS_MIN:
        return HttpResponse("help: set ZHIZHI_METRICS_TOKEN\n", status=404, content_type=PLAIN)
    if not _knows_token(request):
        return HttpResponse(
            "help: send the token\n", status=401, content_type=PLAIN, headers={"WWW-Authenticate": "Bearer"}
        )
    # a page that nobody asks for costs no start its time
    from zhizhi.web.shared.metrics.exposition import CONTENT_TYPE, exposition
    from zhizhi.web.shared.metrics.snapshot import take_snapshot

    return HttpResponse(exposition().write(take_snapshot()), content_type=CONTENT_TYPE)


def _knows_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), settings.METRICS_TOKEN.encode())
