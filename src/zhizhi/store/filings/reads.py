"""What screens read about filings and recalls; row-level security decides which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.store.filings.words import APPROVED, FILED_CHANNELS
from zhizhi.store.select import select

SHOWN_MAX = 500
RECEIVERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Latest:
    """Where a filing with one carrier stands."""

    state: str
    number: str
    on_day: date
    expires_on: date | None
    reason: str

    def stands(self, day: date) -> bool:
        """Whether texts may leave by it on a day."""
        return self.state == APPROVED and (self.expires_on is None or day <= self.expires_on)

    def is_over(self, day: date) -> bool:
        """Whether it was approved and has ended."""
        return self.state == APPROVED and not self.stands(day)


@dataclass(frozen=True, slots=True)
class FiledThing:
    """A signature (no version) or a text message in use, and its filings by carrier."""

    lender_id: int
    lender: str
    version_id: int | None
    signature: str
    code: str
    name: str
    n: int
    latest: Mapping[str, Latest]


_THINGS = """
WITH thing AS (
    SELECT l.id AS lender_id, l.name AS lender, NULL::bigint AS version_id,
        coalesce(nullif(l.signature, ''), l.name) AS signature, '' AS code, '' AS name, 0 AS n
    FROM lender l
  UNION ALL
    SELECT l.id, l.name, v.id, '', t.code, t.name, v.n
    FROM lender l JOIN template t ON t.lender_id = l.id JOIN LATERAL (
        SELECT w.id, w.n, w.state FROM template_version w
        WHERE w.template_id = t.id AND w.state IN ('approved', 'withdrawn')
        ORDER BY w.n DESC LIMIT 1) v ON v.state = 'approved'
    WHERE t.channel = ANY (%(channels)s)
)
SELECT g.lender_id, g.lender, g.version_id, g.signature, g.code, g.name, g.n,
    f.carrier, f.state, f.number, f.on_day, f.expires_on, f.reason
FROM thing g LEFT JOIN LATERAL (
    SELECT DISTINCT ON (c.carrier) c.carrier, c.state, c.number, c.on_day, c.expires_on, c.reason
    FROM carrier_filing c
    WHERE c.lender_id = g.lender_id AND c.channel = ANY (%(channels)s)
      AND (c.version_id = g.version_id OR g.version_id IS NULL AND c.signature = g.signature)
    ORDER BY c.carrier, c.n DESC) f ON true
ORDER BY g.lender, g.lender_id, g.version_id IS NOT NULL, g.code LIMIT %(limit)s
"""


def load_filed() -> list[FiledThing]:
    """The signature of each of the viewer's lenders, and its text messages that are in use."""
    found: dict[tuple[int, int | None], FiledThing] = {}
    latest: dict[tuple[int, int | None], dict[str, Latest]] = {}
    for row in select(_THINGS, {"channels": list(FILED_CHANNELS), "limit": SHOWN_MAX}):
        lender_id, lender, version_id, signature, code, name, n, carrier, *where = row
        by_carrier = latest.setdefault((lender_id, version_id), {})
        found[lender_id, version_id] = FiledThing(lender_id, lender, version_id, signature, code, name, n, by_carrier)
        if carrier is not None:
            by_carrier[carrier] = Latest(*where)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class FilingStep:
    """One step of a filing, as it was recorded."""

    carrier: str
    n: int
    state: str
    number: str
    on_day: date
    expires_on: date | None
    reason: str
    evidence: str
    evidence_sha256: str
    approval_id: int | None
    by: str
    at: datetime


_STEPS = """
SELECT f.carrier, f.n, f.state, f.number, f.on_day, f.expires_on, f.reason, f.evidence, f.evidence_sha256,
    f.approval_id, s.name, f.at
FROM carrier_filing f JOIN staff s ON s.id = f.by_id
WHERE f.lender_id = %(lender)s AND f.version_id IS NOT DISTINCT FROM %(version)s
ORDER BY f.id DESC LIMIT %(limit)s
"""


def load_steps(lender_id: int, version_id: int | None) -> list[FilingStep]:
    """The steps of a wording's filings; without a version those of the lender's signatures. The latest first."""
    return [
        FilingStep(*row) for row in select(_STEPS, {"lender": lender_id, "version": version_id, "limit": SHOWN_MAX})
    ]


@dataclass(frozen=True, slots=True)
class Recall:
    """A version that was withdrawn."""

    version_id: int
    lender: str
    code: str
    name: str
    n: int
    at: datetime
    by: str
    reason: str
    due_at: datetime
    closed_at: datetime | None
    closed_by: str
    followed_up: str


_RECALLS = """
SELECT r.version_id, l.name, t.code, t.name, v.n, r.at, s.name, r.reason, r.due_at, r.closed_at, coalesce(c.name, ''),
    r.followed_up
FROM wording_recall r JOIN template_version v ON v.id = r.version_id JOIN template t ON t.id = v.template_id
JOIN lender l ON l.id = r.lender_id JOIN staff s ON s.id = r.by_id LEFT JOIN staff c ON c.id = r.closed_by_id
WHERE %(version)s::bigint IS NULL OR r.version_id = %(version)s
ORDER BY r.closed_at IS NOT NULL, r.at DESC LIMIT %(limit)s
"""


def load_recalls(version_id: int | None = None) -> list[Recall]:
    """The viewer's lenders' recalls, or that of one version; those that wait for their follow-up first."""
    return [Recall(*row) for row in select(_RECALLS, {"version": version_id, "limit": SHOWN_MAX})]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A contact that may have left with a wording: `state` of its delivery, `outcome` of the contact."""

    case_number: str
    at: datetime
    channel: str
    state: str
    outcome: str


# By the time of the decisions, which is indexed; a text is recalled soon after it was first used, if at all.
_RECEIVERS = """
SELECT coalesce(k.number, ''), m.used_at, m.channel, d.state, coalesce(o.outcome, ''), count(*) OVER ()
FROM template_version v
JOIN decision e ON e.at >= v.approved_at AND e.verdict = 'permit'
JOIN permit m ON m.person_id = e.person_id AND m.decision_id = e.id AND m.template_version_id = v.id
    AND m.state = 'used'
JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id
LEFT JOIN contact o ON o.person_id = m.person_id AND o.permit_id = m.id
LEFT JOIN LATERAL (SELECT c.number FROM collection_case c WHERE c.person_id = m.person_id
                   ORDER BY c.closed_on IS NOT NULL, c.opened_on DESC, c.id DESC LIMIT 1) k ON true
WHERE v.id = %(version)s ORDER BY m.used_at DESC, m.person_id LIMIT %(limit)s
"""


def load_receivers(version_id: int) -> tuple[list[Receiver], int]:
    """Whom a version has reached or may have reached, the latest first, and how many there are in all."""
    rows = select(_RECEIVERS, {"version": version_id, "limit": RECEIVERS_MAX})
    return [Receiver(*row[:-1]) for row in rows], rows[0][-1] if rows else 0
