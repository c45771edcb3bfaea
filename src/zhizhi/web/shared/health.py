"""`/healthz`: for the supervisor and a load balancer; says nothing of the house."""

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zhizhi.store.operations.figures import database_answers


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while pages can be served; 503 while the database is away."""
    try:
        is_well = database_answers()
    except Error:
        is_well = False
    return HttpResponse(
        "ok\n" if is_well else "database away\n", status=200 if is_well else 503, content_type="text/plain"
    )
