"""A house pack is put in force for a lender, or withdrawn: one commit, as the owner of the database.

Whoever changes it has the lender's lock alone: permits that are being committed are waited for, and those that come
after see what stands now (sql/house_packs.sql).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.store.evidence.sources import instant
from zhizhi.store.law.caps import write_house_caps
from zhizhi.store.law.models import CapActivation, CapLimit, HouseActivation, HouseProof, PackRelease
from zhizhi.store.law.releases import release_row
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.lenders.rights import Right, may
from zhizhi.store.locks import Lock, wait_for
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.packs import digest_of_law
from zhizhi.store.transact.leaves import NewLeaf, leaf_rows

OWNER = "owner"


class HouseRefused(Refused):
    """A house pack cannot be put in force or withdrawn; nothing is written."""


@dataclass(frozen=True, slots=True)
class ProvenHouse:
    """A house pack that was proven to tighten a law, by so many answered questions."""

    law: Law
    pack: Pack
    files: Mapping[str, bytes] = field(repr=False)
    unsat: int


@dataclass(frozen=True, slots=True)
class Signed:
    """Who does it, and on what ground."""

    login: str
    ground: str


UseApproval = Callable[[int, int], None]
"""Uses a second person's approval up, for this lender and whoever does it, in the open transaction of the owner."""


def profile_of(lender: str) -> str:
    """The profile of a lender. Refuses: no such lender."""
    return _lender(lender, "gate").profile


def activate_house(lender: str, house: ProvenHouse, signed: Signed, at: datetime, approved: UseApproval) -> int:
    """Put a proven pack in force in the place of the one that stands; answers the activation.

    Boundary: where this very pack stands already, its bytes, proof and caps are written anew, and nothing else changes.
    Refuses: a lender or person that is not there or has no say, another profile than it was proven for, packs that the
    database does not bound by yet, what the approval refuses, ClockNotTrusted.
    """
    require_clock()
    with transaction.atomic(using=OWNER, durable=True):
        row, by = _alone(lender, signed.login)
        approved(int(row.pk), int(by.pk))
        _require_same_law(row, house.law)
        _require_own_name(row, house.pack)
        before = _standing(row)
        _keep(house, at)
        write_house_caps(house.law, house.pack, int(row.pk))
        if before is not None and before.release_id == house.pack.sha256:
            return int(before.pk)
        if before is not None:
            _end(before, by, f"由 {house.pack.sha256[:16]} 取代 · replaced", at)
        fresh = HouseActivation.objects.using(OWNER).create(
            lender=row, release_id=house.pack.sha256, activated_at=at, activated_by=by, ground=signed.ground
        )
        _log(fresh, at)
    return int(fresh.pk)


def withdraw_house(lender: str, signed: Signed, at: datetime, approved: UseApproval) -> None:
    """End the one that stands. Refuses: none stands, a person that has no say, no approval, ClockNotTrusted."""
    require_clock()
    with transaction.atomic(using=OWNER, durable=True):
        row, by = _alone(lender, signed.login)
        approved(int(row.pk), int(by.pk))
        standing = _standing(row)
        if standing is None:
            raise HouseRefused(
                "none_active", Text("该机构没有启用的内部规则包", "no house pack stands for this lender")
            )
        _end(standing, by, signed.ground, at)
        CapLimit.objects.using(OWNER).filter(lender=row).delete()


def keep_proof(house: ProvenHouse, at: datetime) -> None:
    """Keep that a pack which is kept already was proven against a law."""
    with transaction.atomic(using=OWNER, durable=True):
        _prove(house, at)


def _lender(code: str, using: str) -> Lender:
    row = Lender.objects.using(using).filter(code=code).first()
    if row is None:
        raise HouseRefused("unknown_lender", Text(f"没有机构 `{code}`", f"there is no lender `{code}`"))
    return row


def _alone(lender: str, login: str) -> tuple[Lender, Staff]:
    """The lender, nobody else's to change until this commits, and the person who signs."""
    wait_for(Lock.HOUSE, int(_lender(lender, OWNER).pk), using=OWNER)
    row = _lender(lender, OWNER)
    by = Staff.objects.using(OWNER).filter(login=login, is_active=True).first()
    if by is None or not may(by.role, Right.ACTIVATE_HOUSE) or by.lender_id not in (None, row.pk):
        raise HouseRefused("no_say", Text(
            f"`{login}` 不是本机构在职的合规或负责人",
            f"`{login}` is no active compliance officer or head of this lender; help: name one by login",
        ))  # fmt: skip
    return row, by


def _require_same_law(lender: Lender, law: Law) -> None:
    """The proof has to be about what binds the lender now, here and in the database."""
    if lender.profile != law.profile:
        raise HouseRefused(
            "other_profile", Text("机构的业务场景已变，请重试", "the lender's profile changed; help: try again")
        )
    held = CapActivation.objects.using(OWNER).filter(profile=law.profile).values_list("packs", flat=True).first()
    if held != [{"id": pack.id, "sha256": pack.sha256} for pack in law.packs]:
        raise HouseRefused("other_release", Text(
            "数据库启用的是另一版规则包；请先运行 zhizhi migrate",
            "the database bounds by packs of another release; help: run `zhizhi migrate` first",
        ))  # fmt: skip


def _require_own_name(lender: Lender, pack: Pack) -> None:
    """A rule that a reason names is one rule: two lenders hold packs of one id only where they are the same pack."""
    others = HouseActivation.objects.using(OWNER).filter(ended_at=None, release__pack=pack.id).exclude(lender=lender)
    if others.exclude(release_id=pack.sha256).exists():
        raise HouseRefused("taken_id", Text(
            f"编号 `{pack.id}` 已是另一机构启用的规则包；请改用带机构代码的编号",
            f"id `{pack.id}` is another lender's pack already; help: put the lender's code into the id",
        ))  # fmt: skip


def _standing(lender: Lender) -> HouseActivation | None:
    return HouseActivation.objects.using(OWNER).filter(lender=lender, ended_at=None).first()


def _keep(house: ProvenHouse, at: datetime) -> None:
    """The bytes and the proof; a pack that was only proposed decides from now on, and altered bytes are put right."""
    PackRelease.objects.using(OWNER).bulk_create(
        [release_row(house.pack, house.files, at)],
        update_conflicts=True,
        unique_fields=["sha256"],
        update_fields=["body", "is_proposed"],
    )
    _prove(house, at)


def _prove(house: ProvenHouse, at: datetime) -> None:
    proof = HouseProof(
        release_id=house.pack.sha256,
        profile=house.law.profile,
        base_sha256=digest_of_law(house.law),
        unsat=house.unsat,
        proven_at=at,
    )
    HouseProof.objects.using(OWNER).bulk_create([proof], ignore_conflicts=True)


def _end(row: HouseActivation, by: Staff, because: str, at: datetime) -> None:
    row.ended_at, row.ended_by, row.ended_because = at, by, because
    row.save(using=OWNER, update_fields=["ended_at", "ended_by", "ended_because"])
    _log(row, at)


def _log(row: HouseActivation, at: datetime) -> None:
    """The leaf of what was just done, in the words of its row."""
    values = {
        "lender": row.lender_id, "sha256": row.release_id, "ground": row.ground, "by": row.activated_by_id,
        "activated_at": instant(row.activated_at), "ended_by": row.ended_by_id, "ended_because": row.ended_because,
        "ended_at": instant(row.ended_at),
    }  # fmt: skip
    pack = PackRelease.objects.using(OWNER).values_list("pack", "sha256").get(sha256=row.release_id)
    leaf = NewLeaf(
        LeafKind.PACK,
        at,
        uuid4(),
        values,
        None,
        int(row.pk),
        "{}@{:.16}".format(*pack),
        source_table="house_activation",
    )
    leaves, salts = leaf_rows([leaf])
    type(leaves[0]).objects.using(OWNER).bulk_create(leaves)
    type(salts[0]).objects.using(OWNER).bulk_create(salts)
