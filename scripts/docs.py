"""`make docs`: write the generated pages again."""

import os
import sys
from pathlib import Path

import django

from zhizhi.__main__ import main as zhizhi
from zhizhi.ops.law_books import books
from zhizhi.ops.reference import commands_page
from zhizhi.store.packs import list_packs, list_profiles, load_law

DOCS = Path(__file__).resolve().parents[1] / "docs"


def pages() -> dict[str, str]:
    """Every generated page by its name under docs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
    django.setup()
    from zhizhi.ops.caps_page import caps_page
    from zhizhi.ops.figures_page import figures_page
    from zhizhi.ops.masks_page import masks_page
    from zhizhi.ops.privacy_page import privacy_page
    from zhizhi.ops.retention_page import retention_page
    from zhizhi.ops.rights_page import rights_page
    from zhizhi.web.api.reference import markdown
    from zhizhi.web.shared import vocabulary
    from zhizhi.web.shared.opening import OPEN_TO_ALL, addresses

    laws = [load_law(profile) for profile in list_profiles()]
    law = books(list_packs(), laws)
    reference = {"reference/commands.md": commands_page(zhizhi), "reference/caps.md": caps_page(laws)}
    reference["reference/figures.md"] = figures_page()
    reference["reference/api.md"] = markdown()
    reference["retention.md"] = retention_page(laws)
    reference["privacy.md"] = privacy_page()
    reference["reference/masks.md"] = masks_page(dict(vocabulary.choices("role")))
    named = [(one.route, one.opening) for one in addresses()]
    opened = [(route, way.methods, way.right, way.posting) for route, way in named if way is not None]
    reference["reference/rights.md"] = rights_page(dict(vocabulary.choices("role")), opened, OPEN_TO_ALL)
    return {**reference, **{f"law/{name}": page for name, page in law.items()}}


def stale(written: dict[str, str]) -> list[Path]:
    """Books of packs that are no longer there."""
    kept = {DOCS / name for name in written}
    return [page for page in sorted((DOCS / "law").glob("*.*.md")) if page not in kept]


def main() -> int:
    """Write every generated page."""
    written = pages()
    for name, page in written.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != page:
            path.write_text(page, encoding="utf-8")
            sys.stdout.write(f"docs/{name}\n")
    for page in stale(written):
        page.unlink()
        sys.stdout.write(f"docs/{page.relative_to(DOCS)} removed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
