"""Where a Chinese font may stand: the product's own front-end package, or Debian's `fonts-noto-cjk`."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import typst

import zhizhi

FAMILIES = ("Noto Serif SC", "Noto Serif CJK SC", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Serif SC")
_PACKAGE = Path(zhizhi.__file__).parent
_PROJECT = _PACKAGE.parents[1]


def font_folders() -> tuple[Path, ...]:
    """Folders to search, the product's own first."""
    return (
        _PACKAGE / "web" / "static" / "vendor" / "fonts",
        _PROJECT / "node_modules" / "@expo-google-fonts" / "noto-serif-sc" / "400Regular",
        _PROJECT / "node_modules" / "@expo-google-fonts" / "noto-serif-sc" / "700Bold",
        Path("/usr/share/fonts/opentype/noto"),
        Path("/usr/share/fonts/truetype/noto"),
    )


@lru_cache(maxsize=8)
def find_fonts(folders: tuple[Path, ...]) -> tuple[typst.Fonts, str] | None:
    """The fonts of these folders and the family to set letters in, or None where none of them knows Chinese."""
    existing = [folder for folder in folders if folder.is_dir()]
    if not existing:
        return None
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=existing)
    family = _first_of(FAMILIES, fonts.families())
    return (fonts, family) if family else None


def _first_of(wanted: Iterable[str], found: Iterable[str]) -> str | None:
    known = set(found)
    return next((name for name in wanted if name in known), None)
