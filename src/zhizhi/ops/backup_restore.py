"""Restore a backup into an empty database and state folder, and prove that it is what was backed up."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from zhizhi.gateways.backups.dump import find_program, restore
from zhizhi.gateways.backups.folder import DATABASE, OBJECTS, Manifest, read_backup, read_objects
from zhizhi.gateways.backups.refused import refused
from zhizhi.gateways.backups.sealed import open_into, piped
from zhizhi.store.backups import count_tables, server_major
from zhizhi.store.evidence.signer import log_signer
from zhizhi.store.migrate import ensure_logins

ZHIZHI = (sys.executable, "-m", "zhizhi")
DIFFERENCES_SHOWN = 20


def restore_backup(folder: Path, identity: Any, state: Path, url: str) -> Manifest:
    """Restore and prove. Refuses: a backup that is not whole or not of these keys, a place that is not empty, rows
    that differ, a log that does not hold."""
    manifest = read_backup(folder, log_signer().verifier.to_text())
    objects = state / "objects"
    if count_tables(url):
        raise refused("not_empty", "数据库不是空的，未做任何改动", "the database is not empty; nothing was changed")
    if objects.exists() and any(objects.iterdir()):
        raise refused("not_empty", "状态目录里已有录音，未做任何改动", "there are objects already; nothing was changed")
    program = find_program("pg_restore", server_major(url), os.environ)
    fresh = Path(tempfile.mkdtemp(prefix="objects.", dir=state))
    try:
        count = piped(partial(open_into, folder / OBJECTS, identity), partial(read_objects, fresh))
        if count != manifest.objects:
            raise refused("objects", "录音数量与说明不符", "there are not as many objects as the manifest says")
        ensure_logins()
        restore(url, program, lambda sink: open_into(folder / DATABASE, identity, _Through(sink)))
        if objects.exists():
            objects.rmdir()
        fresh.rename(objects)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _same_rows(manifest.tables, count_tables(url))
    _zhizhi("migrate")
    if manifest.log_size:  # before the first checkpoint there is no log to check
        _prove(len(manifest.objects_erased_meanwhile), state)
    return manifest


class _Through:
    """The open end of a pipe; decryption must not close it before everything is known to be whole."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink

    def write(self, octets: bytes) -> int:
        """On to the program."""
        self._sink.write(octets)
        return len(octets)

    def flush(self) -> None:
        """Left to whoever closes."""


def _same_rows(wanted: Mapping[str, int], found: Mapping[str, int]) -> None:
    names = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    if names:
        told = ", ".join(f"{name} {wanted.get(name)} → {found.get(name)}" for name in names[:DIFFERENCES_SHOWN])
        raise refused("rows", f"行数与备份不符：{told}", f"rows differ from the backup: {told}")


def _prove(erased_meanwhile: int, state: Path) -> None:
    """The log against the rows and objects, and the exported log by itself, as anybody outside would check it."""
    said = _zhizhi("evidence", "fsck", code=None)
    findings = json.loads(said.splitlines()[-1])["findings"]
    if findings > erased_meanwhile:
        raise refused(
            "log",
            f"日志核对有 {findings} 处不符",
            f"{findings} places of the log do not fit; help: zhizhi evidence fsck",
        )
    with tempfile.TemporaryDirectory(dir=state, prefix="log.") as place:
        copy = str(Path(place) / "copy")
        _zhizhi("evidence", "export-log", copy)
        _zhizhi("evidence", "check-log", copy)


def _zhizhi(*words: str, code: int | None = 0) -> str:
    done = subprocess.run((*ZHIZHI, *words), capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    if code is not None and done.returncode != code:
        named = " ".join(words[:2])
        raise refused(
            "not_proven", f"已恢复，但 `zhizhi {named}` 未通过", f"restored, but `zhizhi {named}` does not hold"
        )
    return done.stdout
