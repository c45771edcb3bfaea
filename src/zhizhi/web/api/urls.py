"""Addresses of version 1, below `/api/v1/`."""

from django.urls import path, re_path

from zhizhi.web.api import endpoints

urlpatterns = [
    path("leases", endpoints.lease_one),
    path("leases/batch", endpoints.lease_many),
    path("leases/<str:lease>/confirm", endpoints.confirm_lease),
    path("leases/<str:lease>/records", endpoints.record_lease),
    path("campaigns/<str:campaign>/end", endpoints.end_campaign),
    path("openapi.json", endpoints.openapi),
    re_path(r"^(?P<rest>.*)$", endpoints.nowhere),
]
