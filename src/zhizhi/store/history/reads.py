"""时间线: what happened on a person's account, newest first, from every table that remembers something of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.keyring import Seal
from zhizhi.store.people.rows import open_note
from zhizhi.store.select import document, select

ENTRIES_PER_PAGE = 30

KINDS = ("contact", "permit", "decision", "note", "promise", "payment", "statement", "stop", "import", "unmasking")
TABS: dict[str, tuple[str, ...]] = {
    "all": KINDS,
    "contact": ("contact", "permit"),
    "decision": ("decision",),
    "note": ("note", "promise"),
    "payment": ("payment", "promise"),
    "statement": ("statement",),
    "stop": ("stop",),
    "unmasking": ("unmasking",),
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened; `body` holds the columns of its kind, `text` the opened text of a note."""

    kind: str
    id: int
    at: datetime
    body: dict[str, Any]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of entries; `before` is where the next page begins, None on the last one."""

    entries: list[TimelineEntry]
    before: tuple[datetime, int] | None


# One branch a kind. Every branch is cut to a page by itself, so that a long history costs what a short one costs.
_BRANCHES = {
    "contact": """
        SELECT 'contact', x.id, x.at, NULL::bytea, jsonb_build_object(
            'channel', x.channel, 'direction', x.direction, 'party', x.party_id, 'outcome', x.outcome,
                'talk_seconds', x.talk_seconds,
            'exchanged', x.exchanged, 'purpose', x.purpose, 'staff', (SELECT s.name FROM staff s
                WHERE s.id = x.staff_id),
            'imported', x.import_id IS NOT NULL)
        FROM contact x""",
    "permit": """
        SELECT 'permit', x.id, x.minted_at, NULL::bytea, jsonb_build_object(
            'channel', x.channel, 'party', x.party_id, 'state', x.state, 'purpose', x.purpose, 'not_before',
                x.not_before,
            'expires_at', x.expires_at, 'released_because', x.released_because,
            'delivery', (SELECT d.state FROM delivery d WHERE d.person_id = x.person_id AND d.permit_id = x.id))
        FROM permit x""",
    "decision": """
        SELECT 'decision', x.id, x.at, NULL::bytea, jsonb_build_object(
            'channel', x.channel, 'verdict', x.verdict, 'rule', x.rule, 'reasons', x.body -> 'reasons',
            'next_permitted_at', x.next_permitted_at, 'party', x.facts #> '{proposed,party}', 'parties',
                x.facts -> 'parties')
        FROM decision x""",
    "note": """
        SELECT 'note', x.id, x.at, x.sealed, jsonb_build_object(
            'author', coalesce((SELECT s.name FROM staff s WHERE s.id::text = ltrim(x.author, 'u')), x.author),
                'action',
                x.action, 'outcome', x.outcome,
            'overdue_reason', x.overdue_reason, 'next_step', x.next_step, 'next_step_at', x.next_step_at)
        FROM note x""",
    "promise": """
        SELECT 'promise', x.id, x.promised_at, NULL::bytea, jsonb_build_object(
            'due_on', x.due_on, 'amount_minor', x.amount_minor, 'paid_minor', x.paid_minor, 'state', x.state)
        FROM promise x""",
    "payment": """
        SELECT 'payment', x.id, x.at, NULL::bytea, jsonb_build_object(
            'kind', x.kind, 'paid_on', x.paid_on, 'amount_minor', x.amount_minor, 'applied_minor',
                x.applied_minor, 'source', x.source, 'imported', x.import_id IS NOT NULL, 'debt', x.debt_id,
            'is_reversed', EXISTS (SELECT 1 FROM payment r WHERE r.person_id = x.person_id AND r.reverses_id = x.id))
        FROM (SELECT p.*, CASE WHEN p.import_id IS NULL THEN p.recorded_at
                               ELSE p.paid_on::timestamp AT TIME ZONE 'Asia/Shanghai' END AS at
              FROM payment p) x""",
    "statement": """
        SELECT 'statement', x.id, x.at, NULL::bytea, jsonb_build_object(
            'kind', x.kind, 'party', x.party_id, 'detail', x.body, 'source', x.source)
        FROM statement x""",
    "stop": """
        SELECT 'stop', x.id, x.from_at, NULL::bytea, jsonb_build_object(
            'kind', x.kind, 'until_at', x.until_at, 'ground', x.ground, 'lifted_at', x.lifted_at,
                'lifted_ground', x.lifted_ground,
            'set_by', coalesce((SELECT s.name FROM staff s WHERE s.id::text = ltrim(x.set_by, 'u')), x.set_by))
        FROM stop x""",
    "import": """
        SELECT 'import', x.id, x.created_at, NULL::bytea, jsonb_build_object('import', x.import_id)
        FROM (SELECT p.id, p.created_at, p.import_id, p.id AS person_id FROM person p
            WHERE p.import_id IS NOT NULL) x""",
    "unmasking": """
        SELECT 'unmasking', x.id, x.at, NULL::bytea, jsonb_build_object(
            'what', x.what, 'party', x.party_id, 'ground', x.ground, 'role', x.role,
            'staff', (SELECT s.name FROM staff s WHERE s.id = x.staff_id))
        FROM unmasking x""",
}
_TIME_COLUMN = {
    "permit": "minted_at",
    "promise": "promised_at",
    "stop": "from_at",
    "import": "created_at",
}
# What a page already shows elsewhere: a permit that became a contact, a decision that became a permit.
_ONLY = {
    "permit": " AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.person_id = x.person_id AND c.permit_id = x.id)",
    "decision": " AND x.verdict <> 'permit'",
}


def load_timeline(person_id: int, tab: str, before: tuple[datetime, int] | None, seal: Seal | None) -> Timeline:
    """One page of the timeline of a tab, newest first."""
    values = {
        "person": person_id,
        "limit": ENTRIES_PER_PAGE + 1,
        "at": before[0] if before else None,
        "id": before[1] if before else None,
    }
    rows = select(_question(TABS[tab], paged=before is not None), values)
    entries = [
        TimelineEntry(kind, row_id, at, document(body), _note_text(seal, sealed, row_id))
        for kind, row_id, at, sealed, body in rows[:ENTRIES_PER_PAGE]
    ]
    has_more = len(rows) > ENTRIES_PER_PAGE
    return Timeline(entries, (entries[-1].at, entries[-1].id) if has_more else None)


def _question(kinds: tuple[str, ...], *, paged: bool) -> str:
    """The union of the branches; only words of this module are joined here, every value is bound."""
    branches = []
    for kind in kinds:
        column = f"x.{_TIME_COLUMN.get(kind, 'at')}"
        behind = f" AND ({column}, x.id) < (%(at)s, %(id)s)" if paged else ""
        branches.append(
            f"({_BRANCHES[kind]} WHERE x.person_id = %(person)s{behind}{_ONLY.get(kind, '')}"
            f" ORDER BY {column} DESC, x.id DESC LIMIT %(limit)s)"
        )
    lines = " UNION ALL ".join(branches)
    return f"SELECT * FROM ({lines}) line (kind, id, at, sealed, body) ORDER BY at DESC, id DESC LIMIT %(limit)s"


def _note_text(seal: Seal | None, sealed: bytes | None, note_id: int) -> str:
    return open_note(seal, sealed, note_id) if seal is not None and sealed is not None else ""
