"""Which team works on a queue: its leader sees every case in it, so two people agree on it."""

from dataclasses import dataclass

from zhizhi.store.lenders.models import Queue, Staff
from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue, its team, who leads that team now, and the team that somebody asked for (None: nobody did)."""

    id: int
    lender: str
    code: str
    name: str
    team: str
    leaders: tuple[str, ...]
    asked_for: str | None


@dataclass(frozen=True, slots=True)
class QueueTeam:
    """Whose queue it is and which team works on it."""

    id: int
    lender_id: int
    name: str
    team: str


_ROWS = """
SELECT q.id, l.name, q.code, q.name, q.team,
    ARRAY(SELECT s.name FROM staff s
          WHERE s.is_active AND s.role = 'team_leader' AND s.agency_id IS NULL AND s.team = q.team AND s.team <> ''
            AND (s.lender_id IS NULL OR s.lender_id = q.lender_id) ORDER BY s.name, s.id),
    (SELECT a.request ->> 'team' FROM approval a
     WHERE a.act = 'queue_team' AND a.state = 'waiting' AND a.request -> 'queue' = to_jsonb(q.id)
     ORDER BY a.id DESC LIMIT 1)
FROM queue q JOIN lender l ON l.id = q.lender_id
ORDER BY l.name, q.code, q.id
"""


def load_queues() -> list[QueueRow]:
    """The queues that the viewer may see; within `reading`."""
    return [
        QueueRow(queue, lender, code, name, team, tuple(leaders), asked_for)
        for queue, lender, code, name, team, leaders, asked_for in select(_ROWS, {})
    ]


def load_queue_team(queue_id: int) -> QueueTeam | None:
    """The queue, for a use case; None where there is none."""
    row = Queue.objects.using("gate").filter(pk=queue_id).first()
    return QueueTeam(row.pk, row.lender_id, row.name, row.team) if row is not None else None


def load_own_teams(lender_id: int) -> list[str]:
    """The teams of the lender's own active staff."""
    own = Staff.objects.using("gate").filter(is_active=True, agency=None).exclude(team="")
    teams = own.filter(lender_id=lender_id) | own.filter(lender=None)
    return sorted(set(teams.values_list("team", flat=True)))


def set_queue_team(queue_id: int, before: str, team: str) -> bool:
    """Give the queue another team; False where it is not `before`'s any more. The caller's transaction is open."""
    return Queue.objects.using("gate").filter(pk=queue_id, team=before).update(team=team) == 1
