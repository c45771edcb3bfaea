"""The contacts of some days, the seeds of these days, and the draw that is kept of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections, transaction

from zhizhi.core.conduct.words import OWING_ROLES
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING, MINUTES_PER_DAY, wall
from zhizhi.core.kernel.text import Text
from zhizhi.core.quality.sample import Candidate, Drawn, Plan, reviewers_of
from zhizhi.store.evidence.models import Checkpoint
from zhizhi.store.ids import ids
from zhizhi.store.many import Question, ask
from zhizhi.store.quality.models import QualityDraw, QualityReview
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

DECIDED_BEFORE = timedelta(days=1)
"""A contact is made on the civil day of its decision (ADR 0031), so no earlier decision is looked through."""
LONG_TALK_SECONDS = 600
OVERLAPS = Text(
    "这些日期中已有抽样，每天只抽一次", "some of these days were drawn from already: each day is drawn once"
)


@dataclass(frozen=True, slots=True)
class Seed:
    """The checkpoint of the evidence log that was signed first after a day was over."""

    on: date
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Inspected:
    """A contact that may be drawn, with who made it."""

    person_id: int
    contact_id: int
    at: datetime
    on: date
    channel: str
    staff_id: int
    agency_id: int | None
    team: str
    strata: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """What it is called in a draw."""
        return f"{self.person_id}-{self.contact_id}"


def load_seed(on: date) -> Seed | None:
    """The seed of a day; None where nothing was signed since the day was over."""
    over_at = wall(BEIJING, on, MINUTES_PER_DAY)
    row = Checkpoint.objects.using("gate").filter(signed_at__gte=over_at).order_by("size").first()
    return None if row is None else Seed(on, row.size, bytes(row.root))


# What somebody at a desk said or sent: strategies and campaigns send wordings that two persons approved.
_CONTACTS = """
SELECT k.person_id, k.id, k.at, (k.at AT TIME ZONE 'Asia/Shanghai')::date, k.channel, s.id, s.agency_id, s.team,
    coalesce(k.outcome, 'unknown'), NOT t.role = ANY (%s::text[]), coalesce(k.talk_seconds, 0) >= %s,
    EXISTS (SELECT 1 FROM stop c WHERE c.person_id = k.person_id AND c.kind = 'complaint' AND c.from_at >= k.at)
FROM decision e
JOIN permit m ON m.person_id = e.person_id AND m.decision_id = e.id
JOIN contact k ON k.person_id = m.person_id AND k.permit_id = m.id
JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id AND d.campaign_id IS NULL
JOIN party t ON t.person_id = k.person_id AND t.id = k.party_id
JOIN staff s ON s.id = coalesce(k.staff_id, nullif(substring(e.by FROM '^u([0-9]{1,18})$'), '')::bigint)
WHERE e.verdict = 'permit' AND e.run_id IS NULL AND e.at >= %s AND e.at < %s
  AND m.lender_id = %s AND k.at >= %s AND k.at < %s
"""


def load_inspected(lender_id: int, from_on: date, until_on: date) -> list[Inspected]:
    """The contacts of a lender on these days that somebody at a desk made."""
    begins, ends = wall(BEIJING, from_on, 0), wall(BEIJING, until_on, MINUTES_PER_DAY)
    values = [list(OWING_ROLES), LONG_TALK_SECONDS, begins - DECIDED_BEFORE, ends, lender_id, begins, ends]
    return [_inspected(*row) for row in ask(Question(_CONTACTS, values, list))]


def _inspected(
    person_id: int, contact_id: int, at: datetime, on: date, channel: str, staff_id: int, agency_id: int | None,
    team: str, outcome: str, is_third: bool, is_long: bool, is_complained_of: bool,
) -> Inspected:  # fmt: skip
    strata = [
        ("collector", str(staff_id)),
        ("agency", str(agency_id or "own")),
        ("channel", channel),
        ("outcome", outcome),
    ]
    strata += [("complaint", "yes")] if is_complained_of else []
    strata += [("risk", "third_person")] if is_third else []
    strata += [("risk", "long_talk")] if is_long else []
    return Inspected(person_id, contact_id, at, on, channel, staff_id, agency_id, team, tuple(strata))


def as_candidates(contacts: Sequence[Inspected], seeds: Mapping[date, Seed]) -> list[Candidate]:
    """The same for the draw."""
    return [Candidate(one.name, seeds[one.on].root, one.strata) for one in contacts]


_REVIEWERS = """
SELECT s.id FROM staff s WHERE s.role = ANY (%s::text[]) AND s.is_active AND s.agency_id IS NULL
  AND (s.lender_id IS NULL OR s.lender_id = %s) ORDER BY s.id
"""


def load_reviewers(roles: Sequence[str], lender_id: int) -> list[int]:
    """Who may review contacts of a lender."""
    return [row[0] for row in ask(Question(_REVIEWERS, [list(roles), lender_id], list))]


@dataclass(frozen=True, slots=True)
class NewDraw:
    """A draw, ready to be kept."""

    lender_id: int
    from_on: date
    until_on: date
    plan: Plan
    seeds: Mapping[date, Seed]
    contacts: Sequence[Inspected]
    drawn: Sequence[Drawn]
    reviewers: Sequence[int]


def keep_draw(new: NewDraw, at: datetime, by: int) -> int:
    """Keep it with a review for each reviewer of each contact; answers its id. Refuses: a day that was drawn from."""
    with transaction.atomic(using="gate", durable=True):
        with connections["gate"].cursor() as cursor:  # draws of a lender come one after the other
            cursor.execute("SELECT 1 FROM lender WHERE id = %s FOR NO KEY UPDATE", [new.lender_id])
        draws = QualityDraw.objects.using("gate").filter(lender_id=new.lender_id)
        if draws.filter(from_on__lte=new.until_on, until_on__gte=new.from_on).exists():
            raise Refused("drawn_before", OVERLAPS)
        row = QualityDraw.objects.using("gate").create(
            lender_id=new.lender_id,
            from_on=new.from_on,
            until_on=new.until_on,
            plan={"share": new.plan.share, "floors": dict(new.plan.floors), "blind": new.plan.blind},
            seeds=[{"on": one.on.isoformat(), "size": one.size, "root": one.root.hex()} for one in new.seeds.values()],
            candidates=len(new.contacts),
            drawn=len(new.drawn),
            digest=digest_of(new.drawn),
            drawn_at=at,
            drawn_by_id=by,
        )
        reviews = _reviews(new, int(row.pk))
        QualityReview.objects.using("gate").bulk_create(reviews)
        values = {name: getattr(row, name) for name in ("lender_id", "plan", "seeds", "candidates", "drawn", "digest")}
        values |= {"from": row.from_on.isoformat(), "until": row.until_on.isoformat(), "by": by}
        values["lender"] = values.pop("lender_id")
        leaf = NewLeaf(LeafKind.QUALITY, at, row.subject, values, source_id=row.pk, source_table="quality_draw")
        add_leaves([leaf])
    return int(row.pk)


def digest_of(drawn: Sequence[Drawn]) -> str:
    """SHA-256 of the names, one a line, in the order of the draw: by it anybody compares a draw of their own."""
    return hashlib.sha256("".join(f"{one.name}\n" for one in drawn).encode()).hexdigest()


def _reviews(new: NewDraw, draw_id: int) -> list[QualityReview]:
    contacts = {one.name: one for one in new.contacts}
    return [
        QualityReview(
            person_id=contact.person_id,
            id=ids.take(),
            draw_id=draw_id,
            contact_id=contact.contact_id,
            n=n,
            at=contact.at,
            channel=contact.channel,
            lender_id=new.lender_id,
            agency_id=contact.agency_id,
            staff_id=contact.staff_id,
            team=contact.team,
            reviewer_id=reviewer,
            because=list(one.because),
        )
        for one in new.drawn
        for contact in (contacts[one.name],)
        for n, reviewer in enumerate(
            reviewers_of(one, new.seeds[contact.on].root, [who for who in new.reviewers if who != contact.staff_id]),
            start=1,
        )
    ]
