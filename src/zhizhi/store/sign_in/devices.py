"""Devices: the browsers in which a member has signed in; a new one is told to the member on the others."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.sign_in.marks import mark_of, new_secret
from zhizhi.store.sign_in.models import StaffDevice


@dataclass(frozen=True, slots=True)
class ShownDevice:
    """What a browser shows of itself: its cookie, where it has one, and its coarse name."""

    secret: str | None
    label: str


def known_device(staff_id: int, secret: str | None) -> int | None:
    """The device of this member with this cookie; None for an unknown or forgotten one."""
    if secret is None:
        return None
    rows = StaffDevice.objects.using("gate").filter(staff_id=staff_id, mark=mark_of(secret), forgotten_at=None)
    return rows.values_list("pk", flat=True).first()


def seen_device(staff_id: int, shown: ShownDevice, at: datetime) -> tuple[int, str]:
    """The device and its secret, made where it is new; the caller's transaction on `gate` is open.

    The member's very first device is nothing to warn of. A forgotten one comes back as a new one.
    """
    rows = StaffDevice.objects.using("gate").filter(staff_id=staff_id)
    if shown.secret is not None:
        known = rows.filter(mark=mark_of(shown.secret)).first()
        if known is not None and known.forgotten_at is None:
            return known.pk, shown.secret
        secret = new_secret() if known is not None else shown.secret
    else:
        secret = new_secret()
    is_first = not rows.exists()
    row = StaffDevice.objects.using("gate").create(
        staff_id=staff_id,
        mark=mark_of(secret),
        label=shown.label,
        first_seen_at=at,
        noticed_at=at if is_first else None,
    )
    return row.pk, secret


def notice_devices(staff_id: int, own_device: int, at: datetime) -> int:
    """The member has looked: the new ones are told no more. Boundary: a device never speaks for itself."""
    fresh = StaffDevice.objects.using("gate").filter(staff_id=staff_id, noticed_at=None, forgotten_at=None)
    return fresh.exclude(pk=own_device).update(noticed_at=at)


def forget_device(staff_id: int, device_id: int, at: datetime) -> int:
    """The device is unknown from now on; its sessions are no longer honoured."""
    rows = StaffDevice.objects.using("gate").filter(staff_id=staff_id, pk=device_id, forgotten_at=None)
    return rows.update(forgotten_at=at)
