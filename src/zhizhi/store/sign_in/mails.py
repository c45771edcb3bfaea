"""Invitations by mail in rows: where a member is written to, what was asked for, who sends it now, and how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from zhizhi.store.keyring import product_seal
from zhizhi.store.lenders.models import Staff
from zhizhi.store.sign_in.acts import record_act
from zhizhi.store.sign_in.members import has_password
from zhizhi.store.sign_in.models import Invitation, InvitationMail, WorkAddress

OPEN = ("waiting", "sending")
CLAIM_LASTS = timedelta(minutes=5)
"""Longer than a mail server is waited for; who holds a claim longer has died, and another try makes another code."""
KEPT_FOR = timedelta(days=30)
UNDELIVERED_MAX = 50


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this process sends; `tries` tells its claim from a later one."""

    id: int
    staff_id: int
    asked_by_id: int
    asked_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class MailRow:
    """What came of a mail; `ends_at`, `used_at`: of the invitation that it carried."""

    staff_id: int
    login: str
    name: str
    asked_by: str
    asked_at: datetime
    state: str
    failure: str
    ended_at: datetime | None
    ends_at: datetime | None
    used_at: datetime | None
    is_void: bool

    def is_over(self, at: datetime) -> bool:
        """Whether what it carried opens nothing any more, unused."""
        return self.used_at is None and (self.is_void or (self.ends_at is not None and self.ends_at <= at))


def keep_address(staff_id: int, address: str | None, by: int, at: datetime) -> None:
    """A member is written to there from now on; nowhere where there is none. Refuses: KeyUnavailable."""
    with transaction.atomic(using="gate", durable=True):
        if address is None:
            WorkAddress.objects.using("gate").filter(staff_id=staff_id).delete()
        else:
            sealed = product_seal("sign-in").close(address.encode(), _place(staff_id))
            WorkAddress.objects.using("gate").update_or_create(
                staff_id=staff_id, defaults={"sealed": sealed, "set_by_id": by, "set_at": at}
            )
        record_act("address_set", staff_id, by, at)


def load_address(staff_id: int) -> str | None:
    """Where a member is written to. Refuses: KeyUnavailable."""
    row = WorkAddress.objects.using("gate").filter(staff_id=staff_id).first()
    return None if row is None else product_seal("sign-in").open(row.sealed, _place(staff_id)).decode()


def ask_mail(staff_id: int, by: int, at: datetime) -> bool:
    """Ask for a mail in the place of one that is under way; False where the member has a password."""
    with transaction.atomic(using="gate", durable=True):
        member = Staff.objects.using("gate").select_for_update().get(pk=staff_id)
        if has_password(member):
            return False
        open_ones = InvitationMail.objects.using("gate").filter(staff_id=staff_id, state__in=OPEN)
        open_ones.update(state="replaced", ended_at=at)
        InvitationMail.objects.using("gate").create(staff_id=staff_id, asked_by_id=by, asked_at=at, due_at=at)
        return True


def claim_mail(at: datetime) -> ClaimedMail | None:
    """The oldest that is due, or that somebody began and did not end; None where there is none."""
    with transaction.atomic(using="gate", durable=True):
        due = InvitationMail.objects.using("gate").filter(state__in=OPEN, due_at__lte=at).order_by("due_at", "pk")
        row = due.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.state, row.tries, row.due_at = "sending", row.tries + 1, at + CLAIM_LASTS
        row.save(using="gate", update_fields=["state", "tries", "due_at"])
        return ClaimedMail(row.pk, row.staff_id, row.asked_by_id, row.asked_at, row.tries)


def carries(mail: ClaimedMail, invitation_id: int) -> bool:
    """The code of this invitation is about to leave; False where the claim is another's by now."""
    return bool(_claimed(mail).update(invitation_id=invitation_id))


def end_mail(mail: ClaimedMail, state: str, failure: str, at: datetime, retry_at: datetime | None = None) -> None:
    """Write how it ended, or when it is tried again; what did not arrive opens nothing. A claim that is another's by
    now changes nothing."""
    with transaction.atomic(using="gate", durable=True):
        row = _claimed(mail).select_for_update().first()
        if row is None:
            return
        if state == "failed" and row.invitation_id is not None:
            standing = Invitation.objects.using("gate").filter(pk=row.invitation_id, used_at=None, void_at=None)
            standing.update(void_at=at)
        row.failure = failure
        if retry_at is None:
            row.state, row.ended_at = state, at
        else:
            row.state, row.due_at = "waiting", retry_at
        row.save(using="gate", update_fields=["state", "failure", "due_at", "ended_at"])


def load_mail(staff_id: int) -> MailRow | None:
    """The latest mail to a member."""
    rows = InvitationMail.objects.using("gate").filter(staff_id=staff_id)
    row = rows.select_related("staff", "asked_by", "invitation").order_by("-pk").first()
    return _row(row) if row is not None else None


def load_undelivered(by: int, since: datetime) -> list[MailRow]:
    """What somebody asked for and did not leave, or perhaps did not, the newest first; none where a later mail or a
    password made it good."""
    mails = InvitationMail.objects.using("gate")
    later = mails.filter(staff_id=OuterRef("staff_id"), pk__gt=OuterRef("pk"))
    which = Q(asked_by_id=by, asked_at__gte=since, state__in=("failed", "unknown"), staff__is_active=True)
    rows = mails.filter(~Exists(later), which).select_related("staff", "asked_by", "invitation").order_by("-pk")
    return [_row(row) for row in rows[:UNDELIVERED_MAX] if not has_password(row.staff)]


def erase_mails(at: datetime, limit: int = 2000) -> int:
    """Erase what ended thirty days ago; answers how many."""
    over = InvitationMail.objects.using("gate").filter(ended_at__lt=at - KEPT_FOR)
    some = list(over.order_by("ended_at").values_list("pk", flat=True)[:limit])
    erased: int = over.filter(pk__in=some).delete()[0]
    return erased


def _claimed(mail: ClaimedMail) -> QuerySet[InvitationMail]:
    return InvitationMail.objects.using("gate").filter(pk=mail.id, state="sending", tries=mail.tries)


def _row(row: InvitationMail) -> MailRow:
    made = row.invitation
    return MailRow(
        staff_id=row.staff_id,
        login=row.staff.login,
        name=row.staff.name,
        asked_by=row.asked_by.name,
        asked_at=row.asked_at,
        state=row.state,
        failure=row.failure,
        ended_at=row.ended_at,
        ends_at=made.ends_at if made is not None else None,
        used_at=made.used_at if made is not None else None,
        is_void=made is not None and made.void_at is not None,
    )


def _place(staff_id: int) -> str:
    return f"work_address/{staff_id}"
