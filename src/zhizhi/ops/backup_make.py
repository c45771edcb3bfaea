"""Make a backup: rows counted and dumped in one snapshot, objects after, a signed manifest last."""

import os
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from zhizhi.gateways.backups.dump import dump, find_program
from zhizhi.gateways.backups.folder import DATABASE, OBJECTS, Manifest, new_folder, write_manifest, write_objects
from zhizhi.gateways.backups.sealed import SealedFile, piped, seal_to
from zhizhi.store.backups import Seen, one_snapshot
from zhizhi.store.evidence.signer import log_signer


def make_backup(state: Path, place: Path, recipient: Any, at: datetime) -> tuple[Path, Manifest]:
    """Back up this installation. Refuses: no pg_dump that fits, a disk that is full, another backup under way."""
    url = os.environ["DATABASE_URL"]
    with new_folder(place, at) as partial_folder:
        with one_snapshot(url) as seen:
            program = find_program("pg_dump", seen.server_major, os.environ)
            database = dump(url, seen.snapshot, program, partial(seal_to, partial_folder / DATABASE, recipient))
        objects, count, missing = _seal_objects(state / "objects", partial_folder / OBJECTS, recipient, seen)
        signer = log_signer()
        manifest = Manifest(
            made_at=at.isoformat(timespec="seconds"),
            release=version("zhizhi"),
            migration=seen.migration,
            tables=seen.tables,
            log_size=seen.log_size,
            log_key=signer.verifier.to_text(),
            objects=count,
            objects_erased_meanwhile=missing,
            files=(database, objects),
        )
        write_manifest(partial_folder, manifest, signer)
    return partial_folder.with_suffix(""), manifest


def _seal_objects(root: Path, path: Path, recipient: Any, seen: Seen) -> tuple[SealedFile, int, tuple[str, ...]]:
    written: list[str] = []

    def write(sink: IO[bytes]) -> None:
        written.extend(write_objects(root, sink))

    sealed = piped(write, partial(seal_to, path, recipient))
    there = {name.replace("/", "") for name in written}
    missing = tuple(name for name in seen.objects if name.replace("/", "") not in there)
    return sealed, len(written), missing
