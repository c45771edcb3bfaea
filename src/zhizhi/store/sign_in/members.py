"""Members as sign-in sees them; a password is hashed for a login that nobody has, too."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.sign_in.devices import ShownDevice
from zhizhi.store.sign_in.marks import mark_of
from zhizhi.store.sign_in.models import StaffDevice
from zhizhi.store.sign_in.sessions import NewSession, ProviderMarks, begin_session, may_demonstrate, standing_of
from zhizhi.store.words import STAFF_ROLES

NO_PASSWORD = "!"  # noqa: S105 - Django's mark of an account that cannot sign in
GUESSED = "password_guessable"
PASSWORD_FAULTS = ("password_too_short", "password_too_common", "password_too_similar", GUESSED)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may sign in."""

    id: int
    login: str
    name: str
    role: str
    lender_id: int | None
    standing: bytes = field(repr=False)
    demonstrates: bool


def member_by_password(login: str, password: str, *, hashes_anew: bool = False) -> Member | None:
    """Who this is; None for an unknown login, a wrong password, and somebody who may not sign in: after equal work.

    `hashes_anew`: where it was hashed an older way, it is hashed again; what rests on the old digest is over.
    """
    staff = Staff.objects.using("gate").filter(login=login).first()
    if staff is None:
        make_password(password)
        return None
    known: Staff = staff

    def hash_anew(raw: str) -> None:
        """An older way of hashing is replaced where the password is at hand."""
        known.password = make_password(raw)
        known.save(using="gate", update_fields=["password"])

    is_right = check_password(password, known.password, setter=hash_anew if hashes_anew else None)
    return _member(known) if is_right else None


def has_password(staff: Staff) -> bool:
    """Whether somebody could sign in by one; Django takes an empty one for usable."""
    return bool(staff.password) and staff.has_usable_password()


def load_member(staff_id: int) -> Member | None:
    """A member who may sign in now; None for anybody else."""
    staff = Staff.objects.using("gate").filter(pk=staff_id).first()
    return None if staff is None else _member(staff)


def find_member(login: str) -> Member | None:
    """The same by login."""
    staff = Staff.objects.using("gate").filter(login=login).first()
    return None if staff is None else _member(staff)


def find_anybody(login: str) -> Member | None:
    """Somebody on the staff, who may have left."""
    staff = Staff.objects.using("gate").filter(login=login).first()
    return None if staff is None else _as_member(staff, demonstrates=False)


def known_mark(login: str, device_secret: str | None) -> bytes | None:
    """The mark of a device where this login has signed in before; None for any other."""
    if not device_secret:
        return None
    mark = mark_of(device_secret)
    known = StaffDevice.objects.using("gate").filter(staff__login=login, mark=mark, forgotten_at=None)
    return mark if known.exists() else None


def begin(
    member: Member, shown: ShownDevice, proof: str, at: datetime, provided: ProviderMarks | None = None
) -> NewSession | None:
    """A session for a member who is still who was checked; None where that changed meanwhile."""
    staff = Staff.objects.using("gate").filter(pk=member.id).first()
    if staff is None or standing_of(staff) != member.standing:
        return None
    return begin_session(staff, shown, proof, at, provided)


def faults_of_password(staff_id: int, password: str) -> list[str]:
    """The codes of the rules that a password breaks; none for a good one."""
    staff = Staff.objects.using("gate").get(pk=staff_id)
    try:
        validate_password(password, staff)
    except ValidationError as refused:
        return [one.code or GUESSED for one in refused.error_list]
    return []


def set_password(staff_id: int, password: str) -> None:
    """Keep a new password; the caller's transaction on `gate` is open. Sessions that rest on the old one are over."""
    Staff.objects.using("gate").filter(pk=staff_id).update(password=make_password(password))


def _member(staff: Staff) -> Member | None:
    if not staff.is_active or staff.role not in STAFF_ROLES:
        return None  # a token acts as a service account, and nobody signs in as one
    real = Lender.objects.using("gate").filter(is_synthetic=False).exists()
    return _as_member(staff, demonstrates=may_demonstrate(staff, real=real))


def _as_member(staff: Staff, *, demonstrates: bool) -> Member:
    return Member(
        id=staff.pk,
        login=staff.login,
        name=staff.name,
        role=staff.role,
        lender_id=staff.lender_id,
        standing=standing_of(staff),
        demonstrates=demonstrates,
    )
