"""Sessions of the portal: found by their mark, honoured for a quarter of an hour, ended at once."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.portal.models import PortalSession
from zhizhi.store.portal.requests import portal_seal
from zhizhi.store.sign_in.marks import mark_of
from zhizhi.store.viewer import PersonViewer


@dataclass(frozen=True, slots=True)
class PortalVisitor:
    """Somebody who showed a code: whose eyes read, and the masked number that the page shows."""

    session_id: int
    viewer: PersonViewer
    masked: str
    ends_at: datetime


def load_visitor(secret: str, at: datetime) -> PortalVisitor | None:
    """Whose session this secret is; None where there is none, it is over, or it has not begun."""
    row = PortalSession.objects.using("gate").filter(mark=mark_of(secret), ended_at=None).first()
    if row is None or not row.began_at <= at < row.ends_at:
        return None
    masked = str(portal_seal().open_json(row.sealed, f"portal_session/{row.id}"))
    return PortalVisitor(row.id, PersonViewer(row.role, row.person_id, row.party_id), masked, row.ends_at)


def end_visit(secret: str, at: datetime) -> None:
    """Sign out."""
    PortalSession.objects.using("gate").filter(mark=mark_of(secret), ended_at=None).update(ended_at=at)
