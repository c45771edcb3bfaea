"""What every answer says to browsers: pages, errors, files, downloads and the API alike (decision 0050)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NO_SENSORS = ", ".join(
    f"{name}=()" for name in ("camera", "microphone", "geolocation", "usb", "serial", "payment", "display-capture")
)
ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": NO_SENSORS,
}
NOT_KEPT = "no-store"


class HeadersMiddleware:
    """Adds them where an answer does not say otherwise; what says nothing of caches is kept by none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its headers."""
        response = self._get_response(request)
        for name, value in on_every_answer().items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", NOT_KEPT)
        return response


def on_every_answer() -> dict[str, str]:
    """The headers of this installation."""
    if not settings.HSTS_SECONDS:
        return ON_EVERY_ANSWER
    return {**ON_EVERY_ANSWER, "Strict-Transport-Security": f"max-age={settings.HSTS_SECONDS}"}
