"""A lender's own pack is put in force, or withdrawn, by two persons: one examines and asks, another approves."""

from collections.abc import Mapping
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.pack import Pack
from zhizhi.store.law.houses import standing_houses
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.refused import UseCaseRefused

NONE = Text("无", "none")


def in_force_request(lender: str, pack: Pack) -> dict[str, Any]:
    """Put this very pack in force in the place of the one that stands now."""
    after = {"pack": pack.id, "version": pack.version, "sha256": pack.sha256}
    return {"lender": lender, "before": _standing(lender), "after": after}


def withdrawal_request(lender: str) -> dict[str, Any]:
    """End the one that stands now. Refuses: none stands."""
    standing = _standing(lender)
    if standing is None:
        raise UseCaseRefused("none_active", Text("该机构没有启用的内部规则包", "no house pack stands for this lender"))
    return {"lender": lender, "before": standing, "after": None}


def _standing(lender: str) -> dict[str, Any] | None:
    for house in standing_houses(lender):
        return {"pack": house.pack, "version": house.version, "sha256": house.sha256}
    return None


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    before, after = _named(request["before"]), _named(request["after"])
    return (Change(Text("内部规则包", "house pack"), after or NONE, before or NONE),)


def _named(pack: Mapping[str, Any] | None) -> Text | None:
    if pack is None:
        return None
    name = f"{pack['pack']} {pack['version']} {pack['sha256'][:16]}"
    return Text(name, name)


HOUSE_PACK = Act(
    "house_pack",
    Text("启用或撤回内部规则包", "put a house pack in force or withdraw it"),
    Right.ACTIVATE_HOUSE,
    Right.ACTIVATE_HOUSE,
    _tell,
)
