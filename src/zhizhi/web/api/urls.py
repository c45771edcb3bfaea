"""Addresses of version 1, below `/api/v1/`, out of the table of operations."""

import re

from django.urls import path, re_path

from zhizhi.web.api import endpoints, reference
from zhizhi.web.api.operations import by_path
from zhizhi.web.api.serving import serve
from zhizhi.web.api.table import operations

urlpatterns = [
    *(
        path(re.sub(r"{(\w+)}", r"<str:\1>", address), serve(methods))
        for address, methods in by_path(operations()).items()
    ),
    path("openapi.json", reference.openapi),
    path("docs", reference.page),
    re_path(r"^(?P<rest>.*)$", endpoints.nowhere),
]
