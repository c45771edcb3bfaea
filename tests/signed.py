"""Somebody who has signed in, without the forms: a session as the product begins it after the last proof."""

from django.test import Client

from zhizhi.store.sign_in.devices import ShownDevice
from zhizhi.store.sign_in.members import begin, find_member
from zhizhi.web.shared import clock
from zhizhi.web.shared.signed_in import SESSION_KEY


def signed_in(login: str, proof: str = "totp", device: str | None = None) -> Client:
    """The browser of this member; with `device` the cookie of one that is known."""
    member = find_member(login)
    assert member is not None, f"{login} may not sign in"
    begun = begin(member, ShownDevice(device, "Chrome · Linux"), proof, clock.now())
    assert begun is not None
    client = Client()
    kept = client.session
    kept[SESSION_KEY] = begun.secret
    kept.save()
    client.cookies["zhizhi_device"] = begun.device_secret
    return client
