"""`make test`: every check in order, the wall time of each, and at the end plainly what could not be tested here.

usage: scripts/test.py [--quick]      --quick leaves out the browser and everything marked slow
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree  # only our own report is read

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
REPORT = ROOT / ".pytest_cache" / "report.xml"
WORKERS = "2"
APT_SECONDS_MAX = 600
CHINESE_FONTS = ("fonts-noto-cjk", "fonts-wqy-zenhei")
TELEPHONES = {"baresip-core": "baresip", "sip-tester": "sipp"}  # package -> its program
UNTESTED_CODE = 2
NOT_AUDITED = "advisories against the locks: NOT AUDITED, no source of advisories answers here"
NO_BROWSER = "ZHIZHI_NO_BROWSER"  # tells the browser tests why they are skipped


@dataclass(frozen=True, slots=True)
class Check:
    """One step; the next one runs even if it fails, so that one run shows everything.

    `untested`: what the closing table says where the step ends with exit code 2, which fails nothing.
    """

    name: str
    argv: tuple[str, ...]
    untested: str | None = None


@dataclass(slots=True)
class Outcome:
    """What happened, for the closing table."""

    seconds: list[tuple[str, float, bool]] = field(default_factory=list)
    untested: list[str] = field(default_factory=list)


def say(line: str = "") -> None:
    """One line to the terminal, in order with what the checks write."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def checks(*, quick: bool) -> list[Check]:
    """The import contract first: a broken layer makes every later finding moot."""
    chosen = ("-m", "not browser and not slow") if quick else ()
    spread = ("-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder")  # tests/conftest.py has its own order
    tests = (str(BIN / "pytest"), *spread, "-rfEs", f"--junitxml={REPORT}", *chosen)
    audit = (sys.executable, str(ROOT / "scripts" / "audit_dependencies.py"), "--strict")
    return [
        Check("import contract", (str(BIN / "lint-imports"),)),
        Check("lint", (str(BIN / "ruff"), "check", ".")),
        Check("format", (str(BIN / "ruff"), "format", "--check", ".")),
        Check("types", (str(BIN / "mypy"),)),
        *(() if quick else (Check("advisories", audit, NOT_AUDITED),)),
        Check("tests", tests),
    ]


def run(check: Check, outcome: Outcome) -> bool:
    """Run one step in the open terminal and note its wall time."""
    say(f"\n── {check.name} ──")
    begun = time.monotonic()
    code = subprocess.run(check.argv, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - our own tools
    is_untested = check.untested is not None and code == UNTESTED_CODE
    passed = code == 0 or is_untested
    outcome.seconds.append((check.name, time.monotonic() - begun, passed))
    outcome.untested += [check.untested] if is_untested and check.untested else []
    return passed


def chromium() -> str | None:
    """The browser of this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def has_chinese_font() -> bool:
    """True when the machine can draw Chinese; without a font every character is a box."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    listed = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)  # noqa: S603 - fontconfig
    return bool(listed.stdout.strip())


def install_browser() -> str | None:
    """Chromium and a Chinese font through apt, where we may. Returns why there is none, None when all is there."""
    wanted = ([] if chromium() else ["chromium"]) + ([] if has_chinese_font() else ["fontconfig", CHINESE_FONTS[0]])
    problem = install(wanted)
    if problem is not None or (chromium() and has_chinese_font()):
        return problem
    return "apt installed no usable browser or Chinese font"


def install_telephones() -> str | None:
    """The SIP engine and the switch that the voice tests call, through apt, where we may."""
    return install([package for package, program in TELEPHONES.items() if shutil.which(program) is None])


def install(wanted: list[str]) -> str | None:
    """Packages through apt, where we may. Returns why they are not there, None when all are."""
    if not wanted:
        return None
    prefix = apt_prefix()
    if prefix is None:
        return f"no right to install {' '.join(wanted)} (neither root nor passwordless sudo)"
    say(f"\n── apt: {' '.join(wanted)} ──")
    for argv in (("update",), ("install", "-y", "--no-install-recommends", *wanted)):
        problem = apt(*prefix, "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", *argv)
        if problem is not None:
            return f"apt-get {argv[0]} failed: {problem}"
    return None


def apt_prefix() -> tuple[str, ...] | None:
    """How apt may be called here: as root, through sudo without a password, or not at all."""
    if shutil.which("apt-get") is None:
        return None
    environment = ("env", "DEBIAN_FRONTEND=noninteractive")
    if os.geteuid() == 0:
        return environment
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    may = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0  # noqa: S603 - sudo asks nothing
    return (sudo, "-n", *environment) if may else None


def apt(*argv: str) -> str | None:
    """Run apt without questions. Returns its last words when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - apt-get
            argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=APT_SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {APT_SECONDS_MAX} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def skipped_tests() -> list[str]:
    """Reasons and numbers of the tests that were skipped, from pytest's own report."""
    if not REPORT.exists():
        return []
    reasons: Counter[str] = Counter()
    for skipped in ElementTree.parse(REPORT).iter("skipped"):  # noqa: S314 - written by our own pytest a moment ago
        reasons[re.sub(r"\s+", " ", skipped.get("message") or "no reason given")] += 1
    return [f"{number} × {reason}" for reason, number in reasons.most_common()]


def close(outcome: Outcome) -> int:
    """The closing table. Exit code 1 when a step failed; what was not tested is said and does not fail."""
    say("\n── wall time ──")
    for name, seconds, passed in outcome.seconds:
        say(f"{'ok  ' if passed else 'FAIL'} {name:<16} {seconds:7.1f} s")
    say(f"     {'together':<16} {sum(seconds for _, seconds, _ in outcome.seconds):7.1f} s")
    if outcome.untested:
        say("\n未能测试 · not tested here:")
        for reason in outcome.untested:
            say(f"  - {reason}")
    failed = [name for name, _, passed in outcome.seconds if not passed]
    say(f"\n{'未通过 · failed: ' + ', '.join(failed) if failed else '全部通过 · all passed'}")
    return 1 if failed else 0


def main() -> int:
    """Install browser and telephones where we may, run every check, close with the table."""
    quick = "--quick" in sys.argv[1:]
    outcome = Outcome()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    begun = time.monotonic()
    problem = "left out by --quick" if quick else install_browser()
    if problem is not None:
        os.environ[NO_BROWSER] = problem
        outcome.untested.append(f"browser tests: {problem}")
    problem = None if quick else install_telephones()
    if problem is not None:
        outcome.untested.append(f"voice tests: {problem}")
    outcome.seconds.append(("apt set-up", time.monotonic() - begun, True))
    for check in checks(quick=quick):
        run(check, outcome)
    outcome.untested += skipped_tests()
    return close(outcome)


if __name__ == "__main__":
    sys.exit(main())
