"""`zhizhi evidence`: check a log or a proof without a database; export and examine the log of this system."""

import importlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import chain, repeat
from pathlib import Path
from typing import Protocol

import click

from zhizhi.core.evidence.check import Fault, Report, check_log, checkpoint_names
from zhizhi.core.evidence.checkpoint import Checkpoint, CheckpointRefused, Verifier
from zhizhi.core.evidence.export import VERIFIER_KEY, export_log
from zhizhi.core.evidence.fsck import Finding, StoredLeaf, check_history, compare, log_entries
from zhizhi.core.evidence.proof import ProofRefused
from zhizhi.core.evidence.proof_document import DOCUMENT_BYTES_MAX, DocumentUnread, check_proof_document
from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.evidence.tiles import BUNDLE_BYTES_MAX
from zhizhi.core.kernel.text import Text
from zhizhi.ops.evidence_verify import verify_command
from zhizhi.ops.verifier_keys import read_limited, read_verifiers

FINDINGS_SHOWN_MAX = 1_000
FILES_MAX = 10_000_000

STORE = "zhizhi.store.evidence.log:open_log"
"""Where the log of this system is opened: a function without arguments that gives a context manager of `LogStore`."""


class LogStore(Protocol):
    """What the database offers to `export-log` and `fsck`, read in one snapshot."""

    def verifiers(self) -> Sequence[Verifier]:
        """The public keys of the log; the first one's name is the origin."""
        ...

    def notes(self) -> Sequence[bytes]:
        """The signed checkpoints, oldest first."""
        ...

    def entries(self) -> Iterable[bytes]:
        """The leaves as the sequencer numbered them, streamed from position 0."""
        ...

    def stored_leaves(self) -> Iterable[StoredLeaf]:
        """The leaves in the order of positions with what their rows disclose today."""
        ...

    def object_digest(self, name: str) -> str | None:
        """SHA-256 in hex of a stored object's bytes, read now; None where it is gone."""
        ...

    def stray_files(self) -> int:
        """How many files lie in the object store or among the uploads that no row speaks of."""
        ...


@click.group()
def evidence() -> None:
    """存证：核验日志与证明，导出日志 · check logs and proofs, export the log."""


evidence.add_command(verify_command)


@evidence.command("check-log")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="验证密钥文件 · verifier key file; default: DIR/verifier_key.txt",
)
@click.option("--checkpoint", "name", help="只核验这一锚点 · check under this checkpoint only; default: all of them")
@click.pass_context
def check_log_command(ctx: click.Context, folder: Path, key_file: Path | None, name: str | None) -> None:
    """重算日志的每个哈希与签名 · recompute every hash and signature of a log.

    Exit 0: whole. Exit 1: the first bad place is named in the report.
    """
    key_path = key_file or folder / VERIFIER_KEY
    try:
        report = _check_folder(folder, key_path, name)
    except OSError as error:
        raise click.ClickException(f"无法读取 · cannot be read: {error.filename}: {error.strerror}") from error
    document = report.to_document()
    document["key"] = {"file": str(key_path), "came_with_the_log": key_file is None}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    ctx.exit(0 if report.valid else 1)


@evidence.command("check-proof")
@click.argument("places", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def check_proof_command(ctx: click.Context, places: tuple[Path, ...]) -> None:
    """逐个核验证明文件，每个一行 JSON · check proof documents, one JSON line each.

    A folder stands for its *.json files. Exit 0 when every document could be read, whatever its proof is worth; 1 when
    one could not, or a folder holds none.
    """
    all_read = True
    for place in places:
        files = sorted(path for path in place.rglob("*.json") if path.is_file()) if place.is_dir() else [place]
        if not files:
            click.echo(f"{place}: 没有 *.json 证明文件 · no *.json proof documents in this folder", err=True)
            all_read = False
        for path in files:
            line, was_read = _judge(path)
            all_read = all_read and was_read
            click.echo(json.dumps(line, ensure_ascii=False))
    ctx.exit(0 if all_read else 1)


@evidence.command("export-log")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_context
def export_log_command(ctx: click.Context, folder: Path) -> None:
    """把整个日志导出为静态文件 · write the whole log as static files.

    DIR must be new or empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError("目标目录须为空 · the folder to export to must be new or empty")
    with _open_store(ctx) as store:
        try:
            written = sum(
                _write(folder / path, content)
                for path, content in export_log(store.entries(), store.notes(), store.verifiers())
            )
        except EvidenceRefused as refused:
            raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    click.echo(json.dumps({"folder": str(folder), "files": written}, ensure_ascii=False))


@evidence.command("fsck")
@click.option(
    "--log",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="已导出的日志副本 · an exported copy: names the very leaf that was altered",
)
@click.pass_context
def fsck_command(ctx: click.Context, folder: Path | None) -> None:
    """对照数据库与日志 · compare the database with the log: gaps, doubles, altered rows, missing recordings.

    Files that no row speaks of are counted; the worker deletes them once nobody can need them. Exit 1: something is
    wrong. What was erased in time, and such files, are told and are not wrong.
    """
    with _open_store(ctx) as store:
        log = _copied_entries(folder, store.verifiers()) if folder else repeat(None, _signed_size(store))
        history = check_history(store.entries(), store.notes(), store.verifiers())
        rows = compare(store.stored_leaves(), log, store.object_digest)
        faults, erased = _told(chain(history, rows))
        strays = store.stray_files()
    click.echo(json.dumps({"findings": faults, "limit": FINDINGS_SHOWN_MAX, "erased": erased, "strays": strays}))
    ctx.exit(1 if faults else 0)


def _told(findings: Iterable[Finding]) -> tuple[int, int]:
    """Show findings up to the limit of faults; what was erased in time is shown as far, and counted besides."""
    faults = erased = 0
    for finding in findings:
        faults, erased = faults + finding.is_fault, erased + (not finding.is_fault)
        if finding.is_fault or erased <= FINDINGS_SHOWN_MAX:
            click.echo(json.dumps(finding.to_document(), ensure_ascii=False))
        if faults == FINDINGS_SHOWN_MAX:
            break
    return faults, erased


def _signed_size(store: LogStore) -> int:
    """The size of the last checkpoint that verifies; one that does not is a finding of the history."""
    for note in reversed(store.notes()):
        with suppress(CheckpointRefused):
            return Checkpoint.open(note, store.verifiers()).size
    return 0


def _copied_entries(folder: Path, verifiers: Sequence[Verifier]) -> Iterator[bytes]:
    """The entries of an exported copy, after it was found whole under the log's own keys."""
    read, listed = _FolderReader(folder), tuple(_relative_files(folder))
    report = check_log(read, verifiers, checkpoint_names(listed), listed)
    if report.fault is not None:
        text = report.fault.why.text
        raise click.ClickException(f"副本有误 · the copy is damaged: {report.fault.path}: {text.zh} · {text.en}")
    return log_entries(read, report.checkpoints[-1][1].size)


def _judge(path: Path) -> tuple[dict[str, object], bool]:
    """The report line of one proof document, and whether there was a proof to judge."""
    try:
        check_proof_document(read_limited(path, DOCUMENT_BYTES_MAX))
    except ProofRefused as refused:
        return {"file": str(path), "valid": False, "why": refused.to_document()}, True
    except DocumentUnread as refused:
        return {"file": str(path), "valid": False, "why": refused.to_document()}, False
    except OSError:
        why = {"code": "document.unreadable", **Text("文件无法读取", "the file cannot be read").to_document()}
        return {"file": str(path), "valid": False, "why": why}, False
    return {"file": str(path), "valid": True, "why": None}, True


def _check_folder(folder: Path, key_path: Path, name: str | None) -> Report:
    listed = tuple(_relative_files(folder))
    try:
        verifiers = read_verifiers(key_path)
    except CheckpointRefused as refused:
        return Report((), 0, 0, Fault(key_path.name, None, refused), ())
    return check_log(_FolderReader(folder), verifiers, (name,) if name else checkpoint_names(listed), listed)


class _FolderReader:
    """The files of one exported log. A path that is no regular file counts as missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, path: str, /) -> bytes | None:
        try:
            return read_limited(self._folder / path, BUNDLE_BYTES_MAX)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None


def _relative_files(folder: Path) -> Iterator[str]:
    for count, path in enumerate(folder.rglob("*")):
        if count >= FILES_MAX:
            raise click.ClickException(f"文件多于 {FILES_MAX} 个 · more than {FILES_MAX} files")
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _write(path: Path, content: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return 1


def _open_store(ctx: click.Context) -> AbstractContextManager[LogStore]:
    """The log of this system: the opener that the caller put into the context, else the database's."""
    if ctx.obj is not None:
        given: AbstractContextManager[LogStore] = ctx.obj()
        return given
    module, _, attribute = STORE.partition(":")
    opened: AbstractContextManager[LogStore] = getattr(importlib.import_module(module), attribute)()
    return opened
