"""The tree as the tidy tests see it: every file that belongs to it, parsed once."""

import ast
import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "zhizhi"
IGNORED_FOLDERS = {".git", ".venv", "var", "node_modules", "vendor", "__pycache__"}


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file of the tree, committed or about to be; what is ignored is not of the tree."""
    git = shutil.which("git")
    if git is not None and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    else:
        names = (path for path in ROOT.rglob("*") if IGNORED_FOLDERS.isdisjoint(path.relative_to(ROOT).parts))
    return tuple(sorted(path for path in names if path.is_file()))


def named(path: Path) -> str:
    """A file's name as it stands in messages."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> Iterator[Path]:
    """Python modules below these folders; generated migrations are not written by hand and not counted."""
    for path in files():
        name = named(path)
        if path.suffix == ".py" and name.startswith(folders) and "/store/migrations/" not in name:
            yield path


def documents() -> Iterator[Path]:
    """Markdown pages of the tree."""
    return (path for path in files() if path.suffix == ".md")


@functools.cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@functools.cache
def text(path: Path) -> str:
    """A file's text; empty for what is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; the last part alone where the front is a computed value."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr}" if front else f".{node.attr}"
    return ""
