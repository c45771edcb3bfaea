"""The three rotations from beginning to end, what an earlier one left, and how things stand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.keyring import service
from zhizhi.store.rotation.data_keys import announce, refuse_if_full, seal_anew, wait_for_readers
from zhizhi.store.rotation.roots import derived_counts, reseal_derived
from zhizhi.store.rotation.runs import end, move, under_way, unfinished
from zhizhi.store.rotation.wrapping import rewrap, wrapped_counts

GRACE_SECONDS = 10.0
"""How long a request outside a transaction may take from reading a ring to opening what it reads beside it."""
Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: how many persons or values have the new key, and how many values no key opens."""

    kind: str
    aim: int
    done: int
    unopened: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How keys stand: versions, how many of the persons' rings and of the derived values are under the newest."""

    wrapping: int
    root: int
    rings: tuple[int, int]
    values: tuple[int, int]
    unfinished: str | None


def rotate_wrapping(at: datetime, told: Told) -> Rotated:
    """A new wrapping key, and every ring under it. Refuses: `RotationRefused`, `KeyUnavailable`."""
    with under_way("wrapping", at) as row:
        service().rotate(row.aim, at)
        row.done += rewrap(lambda done: told("wrapping", done))
        row.save(using="gate", update_fields=["done"])
        end(row, at)
        return Rotated(row.kind, row.aim, row.done, row.unopened)


def rotate_root(at: datetime, told: Told) -> Rotated:
    """A new root, and everything that is sealed under derived keys anew. Refuses: as above."""
    with under_way("root", at) as row:
        service().rotate_root(row.aim, at)
        done, unopened = reseal_derived(lambda count: told("root", count))
        row.done, row.unopened = row.done + done, unopened
        row.save(using="gate", update_fields=["done", "unopened"])
        end(row, at)
        return Rotated(row.kind, row.aim, row.done, row.unopened)


def rotate_data(at: datetime, told: Told, grace_seconds: float = GRACE_SECONDS) -> Rotated:
    """A new data key for every person, and what is sealed under the old one anew. Refuses: as above, a full ring."""
    if unfinished() is None:
        refuse_if_full()
    with under_way("data", at) as row:
        if row.phase == "begun":
            move(row, "announcing")
        if row.phase == "announcing":
            announce(row, lambda mark: told("announcing", mark))
            move(row, "waiting")
        if row.phase == "waiting":
            wait_for_readers(grace_seconds, lambda readers: told("waiting", readers))
            move(row, "sealing")
        seal_anew(row, lambda done: told("sealing", done))
        end(row, at)
        return Rotated(row.kind, row.aim, row.done, row.unopened)


def bring_on(told: Told) -> tuple[int, int]:
    """Bring what is not under the newest versions there, without a new version: rings and derived values, how many."""
    rings = rewrap(lambda done: told("wrapping", done))
    values, _ = reseal_derived(lambda done: told("root", done))
    return rings, values


def standing() -> Standing:
    """How keys stand now; it counts the whole book."""
    left = unfinished()
    return Standing(
        service().newest(), service().newest_root(), wrapped_counts(), derived_counts(), left.kind if left else None
    )
