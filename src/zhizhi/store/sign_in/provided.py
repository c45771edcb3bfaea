"""Identities of a provider in rows: bound to a member once, sessions that began there, and their end."""

import hmac
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from zhizhi.core.kernel.identity import Ended, Identity
from zhizhi.store.lenders.models import Staff
from zhizhi.store.sign_in.acts import record_act
from zhizhi.store.sign_in.marks import keyed_mark
from zhizhi.store.sign_in.members import Member, load_member
from zhizhi.store.sign_in.models import ProviderLink, ProviderSession, StaffSession
from zhizhi.store.sign_in.sessions import ProviderMarks
from zhizhi.store.words import STAFF_ROLES

CLOCKS_DIFFER_AT_MOST = timedelta(seconds=60)
BY_PROVIDER = "统一认证 · identity provider"


def subject_mark(issuer: str, subject: str) -> bytes:
    """What is kept of an identity."""
    return keyed_mark("provider-subject", issuer, subject)


def session_mark(issuer: str, session: str) -> bytes:
    """What is kept of a session at the provider."""
    return keyed_mark("provider-session", issuer, session)


def bind_identity(identity: Identity, at: datetime) -> Member | None:
    """The member of an identity, bound to it at the first time; None where there is none, or either is another's."""
    mark = subject_mark(identity.issuer, identity.subject)
    with transaction.atomic(using="gate", durable=True):
        rows = Staff.objects.using("gate").select_for_update()
        signing_in = rows.filter(is_active=True, is_admitted=True, role__in=STAFF_ROLES)
        staff = signing_in.filter(login=identity.number).first()
        if staff is None:
            return None
        links = ProviderLink.objects.using("gate").filter(ended_at=None)
        known = links.filter(staff_id=staff.pk, issuer=identity.issuer).first()
        if known is None:
            if links.filter(subject_mark=mark).exists():
                return None
            ProviderLink.objects.using("gate").create(
                staff_id=staff.pk, issuer=identity.issuer, subject_mark=mark, linked_at=at
            )
            record_act("provider_linked", staff.pk, staff.pk, at)
        elif not hmac.compare_digest(bytes(known.subject_mark), mark):
            return None
    return load_member(staff.pk)


def is_same_subject(staff_id: int, identity: Identity) -> bool:
    """Whether an identity is bound to this member."""
    mark = subject_mark(identity.issuer, identity.subject)
    return ProviderLink.objects.using("gate").filter(staff_id=staff_id, subject_mark=mark, ended_at=None).exists()


def marks_of(identity: Identity) -> ProviderMarks:
    """By what a session is found when the provider ends it."""
    session = identity.session
    return ProviderMarks(
        subject_mark(identity.issuer, identity.subject),
        session_mark(identity.issuer, session) if session is not None else None,
    )


def end_provided(ended: Ended, at: datetime) -> int:
    """End the sessions of a `sid`, or all of a `sub`, that began before the word was issued; answers how many.

    One that began later is another: a word that is sent again ends nothing new.
    """
    which = (
        Q(sid_mark=session_mark(ended.issuer, ended.session))
        if ended.session is not None
        else Q(subject_mark=subject_mark(ended.issuer, ended.subject or ""))
    )
    if ended.session is not None and ended.subject is not None:
        which &= Q(subject_mark=subject_mark(ended.issuer, ended.subject))
    began_before = Q(session__started_at__lte=ended.issued_at + CLOCKS_DIFFER_AT_MOST)
    found = ProviderSession.objects.using("gate").filter(which & began_before, session__ended_at=None)
    with transaction.atomic(using="gate", durable=True):
        sessions = dict(found.values_list("session_id", "session__staff_id"))
        rows = StaffSession.objects.using("gate").filter(pk__in=list(sessions), ended_at=None)
        done = rows.update(ended_at=at, ended_because="provider_ended")
        for staff_id in sorted(set(sessions.values())):
            record_act("sessions_ended", staff_id, staff_id, at, BY_PROVIDER)
        return done
