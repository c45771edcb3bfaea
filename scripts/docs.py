"""`make docs`: write the generated pages again."""

import sys
from pathlib import Path

from zhizhi.__main__ import main as zhizhi
from zhizhi.ops.reference import commands_page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "commands.md"


def main() -> int:
    """Write every generated page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(commands_page(zhizhi), encoding="utf-8")
    sys.stdout.write("docs/reference/commands.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
