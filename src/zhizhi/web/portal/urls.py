"""Addresses of the borrower's side."""

from django.urls import path

from zhizhi.web.portal.screens import lawful

urlpatterns = [path("lawful", lawful.lawful, name="lawful")]
