"""Somebody of a scene who has signed in; how one signs in is tried elsewhere."""

from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.test import Client

from zhizhi.store.models import Staff


def signed_in(login: str) -> Client:
    """The browser of this person."""
    user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")  # the web may not write it
    client = Client()
    client.force_login(Staff.objects.get(login=login))
    return client
