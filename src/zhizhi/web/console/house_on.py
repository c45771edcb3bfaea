"""The house packs that stand for the lenders of a viewer, as the law browser shows them."""

from dataclasses import dataclass

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.pack import Pack
from zhizhi.store.law.houses import House, law_with, standing_houses
from zhizhi.store.viewer import Viewer, reading

UNKNOWN_PROFILE = Text("机构的业务场景不存在于本版本", "this release does not know the lender's profile")


@dataclass(frozen=True, slots=True)
class HouseOn:
    """A house pack that stands; where it cannot be relied on, `pack` is None and `why` says why: nothing is sent."""

    house: House
    pack: Pack | None
    why: tuple[Text, ...]


def houses_on(viewer: Viewer) -> list[HouseOn]:
    """Those that this viewer may see, by lender."""
    with reading(viewer):
        standing = standing_houses(using="default")
    return [_on(house) for house in standing]


def _on(house: House) -> HouseOn:
    law = law_with(house)
    if law is None:
        return HouseOn(house, None, (UNKNOWN_PROFILE,))
    pack = next((pack for pack in law.packs if pack.sha256 == house.sha256), None)
    return HouseOn(house, pack, tuple(broken.why for broken in law.broken))
