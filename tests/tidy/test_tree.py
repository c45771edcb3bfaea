"""The tree is nobody's machine: no path, no package address, no exemption without a reason."""

import json
import re
import tokenize
from pathlib import Path

from tidy.tree import ROOT, files, named, python_files, text

# Put together here, so that this file does not hold what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmmirror", "com"), ("debian", "org"))
]
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(("ro" + "ot", "wo" + "rk", "ho" + "me", "Us" + "ers")) + r")/[\w.-]+"
)
NOQA = re.compile(r"#\s*noqa\b(?P<rest>.*)")
NOQA_RIGHT = re.compile(r"^: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*\s+(-|–|—)?\s*\S+")
IGNORE = re.compile(r"#\s*type:\s*ignore(?P<rest>.*)")
IGNORE_RIGHT = re.compile(r"^\[[\w, -]+\]\s*(#|-|–|—)\s*\S+")


def comments(path: Path) -> list[tuple[int, str]]:
    with tokenize.open(path) as opened:
        return [
            (token.start[0], token.string)
            for token in tokenize.generate_tokens(opened.readline)
            if token.type == tokenize.COMMENT
        ]


def test_every_exemption_carries_its_code_and_reason() -> None:
    found = []
    for path in python_files("src/", "tests/", "scripts/", "benchmarks/"):
        for line, comment in comments(path):
            for what, right in ((NOQA, NOQA_RIGHT), (IGNORE, IGNORE_RIGHT)):
                match = what.search(comment)
                if match and not right.match(match["rest"]):
                    found.append(f"{named(path)}:{line}: `{comment}`; name the code and, after it, the reason")
    assert not found, "\n".join(found)


def test_no_path_of_a_machine_and_no_package_host_in_the_tree() -> None:
    found = []
    for path in files():
        content = text(path)
        found += [f"{named(path)}: names the host `{host}`" for host in HOSTS if host in content]
        found += [f"{named(path)}: names the path `{match}`" for match in set(MACHINE_PATH.findall(content))]
    assert not found, "\n".join(found)


def test_every_python_lock_holds_hashes_and_no_address() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert {"app.txt", "dev.txt", "build.txt"} <= {lock.name for lock in locks}
    for lock in locks:
        entries = re.split(
            r"^(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", text(lock), flags=re.MULTILINE), flags=re.MULTILINE
        )
        for entry in filter(str.strip, entries):
            assert "--hash=sha256:" in entry, f"{lock.name}: no hash: {entry.splitlines()[0]}"
        body = re.sub(r"^\s*#.*\n", "", text(lock), flags=re.MULTILINE)
        assert "://" not in body, f"{lock.name} holds an address"
        assert not re.search(r"^--(index-url|extra-index-url|find-links|trusted-host)", body, re.MULTILINE), lock.name


def test_the_development_lock_contains_the_product_lock_exactly() -> None:
    pins = {
        name: set(re.findall(r"^\S+==\S+", text(ROOT / "requirements" / name), re.MULTILINE))
        for name in ("app.txt", "dev.txt")
    }
    assert pins["app.txt"] <= pins["dev.txt"]


def test_the_front_end_lock_holds_digests_and_no_address() -> None:
    written = text(ROOT / "package-lock.json")
    assert "://" not in written, "an address, perhaps of whom to fund: leave the key out"
    lock = json.loads(written)
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name


def test_nothing_fetched_is_committed() -> None:
    found = [
        named(path) for path in files() if path.suffix in {".woff2", ".ttf", ".otf"} or path.name.endswith(".min.js")
    ]
    assert not found, f"fetched by scripts/setup.py, not committed: {found}"
