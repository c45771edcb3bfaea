"""The law of a lender: that of its profile, and the house pack that stands for it.

A house pack that cannot be relied on is never left out: it stands in `Law.broken`, and nothing is permitted to that
lender until it is put right (docs/decisions/0038-house-packs-at-the-gate.md).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import QuerySet

from zhizhi.core.kernel.instants import day_in, zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.house import joined
from zhizhi.core.law.law import Broken, Law
from zhizhi.core.law.pack import InForce, Pack
from zhizhi.store.assessments.words import ACTIVITIES, CITES, ID
from zhizhi.store.law.models import HouseActivation, HouseProof, PackRelease
from zhizhi.store.law.releases import NotKept, load_release
from zhizhi.store.packs import UnknownProfile, digest_of_law, load_law
from zhizhi.store.snapshot import PersonFacts

LAWS_KEPT = 256
HOUSES_MAX = 1000
"""Lenders whose house packs are listed at once; far above any installation."""


@dataclass(frozen=True, slots=True)
class House:
    """A house pack as it stands for a lender, or stood; `by` and `ended_by` are logins."""

    id: int
    lender_id: int
    lender: str
    lender_name: str
    profile: str
    pack: str
    version: str
    sha256: str
    ground: str
    by: str
    activated_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None


class _Held(Exception):
    """The house pack cannot be relied on; `pack` is what it is called."""

    def __init__(self, pack: str, why: Text) -> None:
        super().__init__(why.en)
        self.pack, self.why = pack, why


def law_of(profile: str, house: str | None) -> Law:
    """The law of a profile and of the house pack of a digest, built once for each.

    Boundary: without a proof against the packs of this release, or with bytes that are missing or altered, the house
    pack is `broken`; that is asked again each time, so that putting it right needs no restart. Refuses: UnknownProfile.
    """
    law = load_law(profile)
    if house is None:
        return law
    try:
        return _tightened(law, house)
    except _Held as held:
        return _held(law, held.pack, held.why)


def law_for(person: PersonFacts, activities: frozenset[str]) -> Law:
    """What binds a contact with this person that is of these activities: each needs an assessment that stands.

    Law: S.A-28 (PIPL 55): before persons are entrusted, scored, recorded or visited. Refuses: UnknownProfile.
    """
    law = law_of(person.profile, person.house)
    lacking = activities - person.assessed
    return _unassessed(law, tuple(sorted(lacking))) if lacking else law


def law_with(house: House) -> Law | None:
    """The law of a lender whose house pack stands; None where this release does not know its profile."""
    try:
        return law_of(house.profile, house.sha256)
    except UnknownProfile:
        return None


def is_held(house: House) -> bool:
    """Whether nothing is permitted to the lender of a house pack that stands, because it cannot be relied on."""
    law = law_with(house)
    return law is None or bool(law.broken)


@lru_cache(maxsize=LAWS_KEPT)
def _tightened(law: Law, house: str) -> Law:
    name = PackRelease.objects.using("gate").filter(sha256=house).values_list("pack", flat=True).first()
    try:
        pack = load_release(house)
    except NotKept as missing:
        raise _Held(
            name or "house", Text("内部规则包缺失或字节已变", "the pack is missing or its bytes changed")
        ) from missing
    if not pack.verified:
        raise _Held(pack.id, Text("清单与文件不符", "the manifest does not agree with the files"))
    if not _proofs(law, house).exists():
        raise _Held(pack.id, Text(
            f"尚未证明对 {law.profile} 的现行规则只收紧；请运行 zhizhi law house activate",
            f"it is not proven that it only tightens what {law.profile} is now; help: run `zhizhi law house activate`",
        ))  # fmt: skip
    return joined(law, pack)


@lru_cache(maxsize=LAWS_KEPT)
def _unassessed(law: Law, activities: tuple[str, ...]) -> Law:
    return replace(law, broken=(*law.broken, *map(_unmet, activities)))


def _unmet(activity: str) -> Broken:
    name = ACTIVITIES[activity]
    text = Text(
        f"{name.zh}尚无已批准且未过期的个人信息保护影响评估（个人信息保护法第五十五条）；"
        "请在「影响评估」提交，并由第二人批准",
        f"no approved, unexpired impact assessment (PIPL 55) stands: {name.en}; help: ask for one under Impact"
        " assessments, and have a second person approve it",
    )
    return Broken(f"{ID}{activity}", text, CITES[activity])


@lru_cache(maxsize=LAWS_KEPT)
def _held(law: Law, pack: str, why: Text) -> Law:
    return replace(law, broken=(*law.broken, Broken(pack, why)))


def _proofs(law: Law, house: str) -> QuerySet[HouseProof]:
    rows = HouseProof.objects.using("gate")
    return rows.filter(release_id=house, profile=law.profile, base_sha256=digest_of_law(law))


def is_proven(law: Law, house: str) -> bool:
    """Whether a proof names this house pack and everything of this law."""
    return _proofs(law, house).exists()


def forget_houses() -> None:
    """Build the laws of lenders anew the next time they are asked for."""
    _tightened.cache_clear()
    load_release.cache_clear()


def standing_houses(lender: str | None = None, *, using: str = "gate") -> list[House]:
    """The house packs that stand, of one lender or of all, by code of the lender."""
    rows = _rows(using).filter(ended_at=None)
    return [_house(row) for row in (rows if lender is None else rows.filter(lender__code=lender))[:HOUSES_MAX]]


def houses_over_time(lender_id: int) -> list[House]:
    """Every house pack that ever stood for a lender, the first one first."""
    return [
        _house(row) for row in _rows("gate").filter(lender_id=lender_id).order_by("activated_at", "id")[:HOUSES_MAX]
    ]


def packs_over_time(lender_id: int, profile: str) -> tuple[Pack, ...]:
    """The house packs that stood for a lender of a profile, each in force on the whole days on which it stood.

    Boundary: what stood for a part of a day judges nothing of that day. Refuses: NotKept, Altered.
    """
    found = []
    for house in houses_over_time(lender_id):
        pack = load_release(house.sha256)
        zone = zone_of(pack.zone)
        first = max(pack.in_force.first, day_in(zone, house.activated_at) + timedelta(days=1))
        ends = [pack.in_force.until, None if house.ended_at is None else day_in(zone, house.ended_at)]
        until = min((end for end in ends if end is not None), default=None)
        if house.profile == profile and (until is None or first < until):
            found.append(replace(pack, in_force=InForce(first, until)))
    return tuple(found)


def _rows(using: str) -> QuerySet[HouseActivation]:
    known = (
        HouseActivation.objects.using(using)
        .select_related("lender", "activated_by", "ended_by", "release")
        .defer("activated_by__password", "ended_by__password")
    )
    return known.defer("release__body").order_by("lender__code", "activated_at")


def _house(row: HouseActivation) -> House:
    return House(
        id=row.pk,
        lender_id=row.lender_id,
        lender=row.lender.code,
        lender_name=row.lender.name,
        profile=row.lender.profile,
        pack=row.release.pack,
        version=row.release.version,
        sha256=row.release_id,
        ground=row.ground,
        by=row.activated_by.login,
        activated_at=row.activated_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by.login if row.ended_by else None,
        ended_because=row.ended_because,
    )
