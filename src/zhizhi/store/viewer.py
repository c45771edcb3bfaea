"""Whose eyes read: opens the only read transactions of the product and tells row-level security who looks.

The database believes a sealed id and reads everything else of a viewer from the staff row
(docs/decisions/0041-roles-and-rights.md); the fields of `Viewer` beside the id only choose indexes.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

import psycopg
from django.db import connections, transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member of staff who reads."""

    staff_id: int
    scope: Scope
    lender_id: int | None
    agency_id: int | None

    @property
    def settings(self) -> dict[str, str]:
        """What the transaction says of itself."""
        return {"zhizhi.staff": str(self.staff_id), "zhizhi.person": "", "zhizhi.seal": seal(f"staff {self.staff_id}")}


@dataclass(frozen=True, slots=True)
class PersonViewer:
    """Somebody of a case who reads on the portal; `role` is one of `PERSON_ROLES`."""

    role: str
    person_id: int
    party_id: int

    @property
    def settings(self) -> dict[str, str]:
        """What the transaction says of itself."""
        said = f"{self.role} {self.person_id} {self.party_id}"
        return {"zhizhi.staff": "", "zhizhi.person": said, "zhizhi.seal": seal(f"person {said}")}


class UnknownViewer(Refused):
    """The database does not know these eyes: somebody who left since the page was asked for."""

    def __init__(self) -> None:
        text = Text("账号已停用或登录已失效，请重新登录", "this account was ended; help: sign in again")
        super().__init__("unknown_viewer", text)


_IS_KNOWN = "zhizhi_viewer('staff') IS NOT NULL OR zhizhi_portal('person') IS NOT NULL"


@contextmanager
def reading(viewer: Viewer | PersonViewer, *, counting: bool = False) -> Iterator[None]:
    """A read-only transaction in which the database shows only what this viewer may see. Refuses: UnknownViewer.

    `counting`: for totals, in which nobody stands who does not exist (docs/canaries.md). The settings are local to the
    transaction: a pooled connection never carries one viewer's eyes to the next.
    """
    # Policies make a plan look dear, and compiling it takes longer than running it.
    settings = {"transaction_read_only": "on", "jit": "off", **viewer.settings}
    if counting:
        settings["zhizhi.counting"] = seal("counting")
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with transaction.atomic(using="default"):
        # bound by the server, so that no list of running statements shows the seal
        with connections["default"].wrap_database_errors:
            cursor = psycopg.Cursor(connections["default"].connection)
            values = [part for pair in settings.items() for part in pair]
            row = cursor.execute(f"SELECT {calls}, {_IS_KNOWN}".encode(), values).fetchone()
        if row is None or not row[-1]:
            _KEYS.clear()  # should the key be another one by now, the next reading fetches it
            raise UnknownViewer
        yield


def sees_person(staff_id: int, person_id: int) -> bool:
    """Whether row-level security shows a member of staff a person, by the same policies as any screen.

    Boundary: a person without any case is nobody's yet; rights alone decide there.
    """
    try:
        with reading(Viewer(staff_id, Scope.NONE, None, None)):
            if select("SELECT 1 FROM person WHERE id = %(person)s", {"person": person_id}):
                return True
    except UnknownViewer:
        return False
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM collection_case WHERE person_id = %s LIMIT 1", [person_id])
        return cursor.fetchone() is None


_KEYS: dict[tuple[str, str, str], bytes] = {}


def seal(said: str) -> str:
    """HMAC-SHA256 under the key that the database keeps for the gate's login, fetched once for each database."""
    settings = connections["gate"].settings_dict
    place = (str(settings["HOST"]), str(settings["PORT"]), str(settings["NAME"]))
    key = _KEYS.get(place)
    if key is None:
        with connections["gate"].cursor() as cursor:
            cursor.execute("SELECT secret FROM viewer_key")
            key = _KEYS.setdefault(place, bytes(cursor.fetchone()[0]))
    return hmac.new(key, said.encode(), sha256).hexdigest()
