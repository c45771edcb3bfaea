"""A new calling campaign with its persons, seats and numbers; and its steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.calling.models import CallingCampaign, CallingLine, CallingSeat, CallingStep
from zhizhi.store.calling.words import MOVES, STATES
from zhizhi.store.campaigns.window import Window
from zhizhi.store.ids import ids
from zhizhi.store.leases.models import LeaseCampaign
from zhizhi.store.many import Question, ask
from zhizhi.store.outbound.models import OutboundNumber


@dataclass(frozen=True, slots=True)
class NewCalling:
    """`lines` empty: every number of the lender's desks."""

    lender_id: int
    name: str
    script: str
    purpose: str
    window: Window
    seats: Sequence[int]
    lines: Sequence[int]
    by: int


_ADD = """
INSERT INTO calling_target (person_id, id, campaign_id, case_number, state, why, at)
SELECT c.person_id, w.id, %s, c.number, 'waiting', '', %s FROM unnest(%s::bigint[], %s::bigint[]) w (case_id, id)
JOIN collection_case c ON c.id = w.case_id
ON CONFLICT (campaign_id, person_id) DO NOTHING
"""


def create_calling(new: NewCalling, cases: Iterable[Sequence[tuple[int, int]]], at: datetime) -> int:
    """Write a campaign as a draft; `cases` are (person, case), some at a time; answers its id.

    Refuses: a name that the lender's calling campaigns or leases have already, a list that names nobody, a number that
    is none of the desks'.
    """
    with transaction.atomic(using="gate", durable=True):
        _require_new(new)
        row = CallingCampaign.objects.using("gate").create(
            lender_id=new.lender_id,
            name=new.name,
            script=new.script,
            purpose=new.purpose,
            from_on=new.window.from_on,
            until_on=new.window.until_on,
            opens_minute=new.window.opens,
            closes_minute=new.window.closes,
            created_at=at,
        )
        total = sum(_add(row.pk, some, at) for some in cases if some)
        if not total:
            raise Refused("nobody", Text("名单里没有在催案件", "the list names no open case"))
        CallingSeat.objects.using("gate").bulk_create([CallingSeat(campaign=row, staff_id=one) for one in new.seats])
        CallingLine.objects.using("gate").bulk_create([CallingLine(campaign=row, number_id=one) for one in new.lines])
        _note(row.pk, "created", at, new.by)
    return int(row.pk)


def _require_new(new: NewCalling) -> None:
    named: dict[str, Any] = {"lender_id": new.lender_id, "name": new.name}
    if (
        CallingCampaign.objects.using("gate").filter(**named).exists()
        or LeaseCampaign.objects.using("gate").filter(**named, agency_id__isnull=True).exists()
    ):
        raise Refused("name_there", Text("已有同名活动", "there is a campaign of this name"))
    own = OutboundNumber.objects.using("gate").filter(pk__in=new.lines, lender_id=new.lender_id, agency__isnull=True)
    if own.count() != len(set(new.lines)):
        raise Refused("no_such_line", Text("号码不属于本机构坐席", "a number is none of the desks'"))


def _add(campaign_id: int, cases: Sequence[tuple[int, int]], at: datetime) -> int:
    case_ids = [case for _, case in cases]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ADD, [campaign_id, at, case_ids, list(ids.take_many(len(case_ids)))])
        return int(cursor.rowcount)


def _note(campaign_id: int, what: str, at: datetime, by: int) -> None:
    CallingStep.objects.using("gate").create(campaign_id=campaign_id, what=what, by_id=by, at=at)


_RECALL = """
UPDATE lease x SET recalled_at = %s, recalled_because = %s
FROM lease_campaign g WHERE g.id = x.campaign_id AND g.lender_id = %s AND g.agency_id IS NULL AND g.name = %s
  AND x.confirmed_at IS NULL AND x.recalled_at IS NULL AND x.expires_at > %s
"""
_END_LEASES = """
UPDATE lease_campaign SET ended_at = %s WHERE lender_id = %s AND agency_id IS NULL AND name = %s AND ended_at IS NULL
"""


def move_calling(campaign_id: int, what: str, at: datetime, by: int) -> None:
    """Take a step of a campaign. A pause and an end recall every lease that was not confirmed yet.

    Refuses: a step that does not follow from its state.
    """
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        row = CallingCampaign.objects.using("gate").select_for_update().get(pk=campaign_id)
        before, after = MOVES.get(what, (row.state, "ended"))
        if row.state in ("ended", after) or row.state != before:
            was = STATES[row.state]
            raise Refused("cannot_move", Text(f"活动{was.zh}，不能这样做", f"the campaign is {was.en}"))
        row.state = after
        row.save(using="gate", update_fields=["state"])
        if after == "ended":
            cursor.execute(_END_LEASES, [at, row.lender_id, row.name])
        if after in ("paused", "ended"):
            because = "campaign_over" if after == "ended" else "campaign_paused"
            cursor.execute(_RECALL, [at, because, row.lender_id, row.name, at])
        _note(campaign_id, what, at, by)


def lender_of_calling(campaign_id: int) -> int | None:
    """Whose campaign it is."""
    rows = ask(Question("SELECT lender_id FROM calling_campaign WHERE id = %s", [campaign_id], list))
    return int(rows[0][0]) if rows else None


def seats_named(lender_id: int, logins: Sequence[str]) -> dict[str, int]:
    """The lender's own staff in service of these logins, by login."""
    asked = "SELECT login, id FROM staff WHERE login = ANY (%s) AND lender_id = %s AND agency_id IS NULL AND is_active"
    return dict(ask(Question(asked, [list(logins), lender_id], list)))
