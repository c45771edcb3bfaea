"""Addresses of the borrower's side. None names a person or a row: what is shown follows from the session alone."""

from django.urls import path

from zhizhi.web.portal.screens import entering, lawful, looks

urlpatterns = [
    path("lawful", lawful.lawful, name="lawful"),
    path("my", looks.looks, name="my"),
    path("my/sign-in", entering.ask, name="my-sign-in"),
    path("my/code", entering.show, name="my-code"),
    path("my/sign-out", entering.leave, name="my-sign-out"),
]
