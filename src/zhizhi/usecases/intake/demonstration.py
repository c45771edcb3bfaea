"""The maps of a generated book, one a kind; docs/examples/demonstration shows them as files."""

from importlib.resources import files

from zhizhi.usecases.intake.kinds import Kind

MAPS: dict[Kind, str] = {
    kind: (files("zhizhi.usecases.intake") / "maps" / f"{kind}.toml").read_text(encoding="utf-8") for kind in Kind
}
"""Maps of the product itself, so that a folder of `zhizhi generate` comes in by one command."""
