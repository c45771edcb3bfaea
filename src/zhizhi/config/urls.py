"""All addresses of the console; those of the API are its own (web/api/application.py)."""

from django.urls import URLPattern, URLResolver, include, path

from zhizhi.web.shared.health import healthz, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("metrics", metrics),
    path("", include("zhizhi.web.portal.urls")),
    path("", include("zhizhi.web.console.urls")),
]

handler400 = "zhizhi.web.console.screens.errors.bad_request"
handler403 = "zhizhi.web.console.screens.errors.forbidden"
handler404 = "zhizhi.web.console.screens.errors.not_found"
handler500 = "zhizhi.web.console.screens.errors.failed"
