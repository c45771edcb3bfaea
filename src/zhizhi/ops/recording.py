"""`zhizhi recording`: check a recording against the log, or give it out."""

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from zhizhi.core.law.duties import retention_of
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.law.houses import law_of
from zhizhi.store.recordings.proof import verify_recording
from zhizhi.store.recordings.reads import StoredRecording, load_recording, open_recording
from zhizhi.store.transact.exports import record_export_of_recording
from zhizhi.usecases.propose_contact import load_person
from zhizhi.usecases.zones import civil_day

RECORD = "call_centre_recording"
NO_RECORDING = "这次通话没有录音 · this call has no recording"


@click.group()
def recording() -> None:
    """录音：与日志核对，导出 · recordings of calls: check against the log, give out."""


@recording.command("verify")
@click.argument("person", type=int, metavar="PERSON")
@click.argument("permit", type=int, metavar="PERMIT")
@click.pass_context
def verify_command(ctx: click.Context, person: int, permit: int) -> None:
    """重算录音摘要并打开日志中的承诺 · recompute both digests and open the log's commitments with them.

    Exit 0: it is the recording that the log speaks of. Exit 1: the report says why not.
    """
    stored = _stored(person, permit)
    found = verify_recording(stored)
    report = {
        "permit": permit,
        "valid": found.fault is None,
        "why": None if found.fault is None else found.fault.to_document(),
        "sha256": stored.sha256,
        "sealed_sha256": stored.sealed_sha256,
        "seconds": stored.seconds,
        "position": found.position,
        "signed": found.is_signed,
        "keep_until": _kept_until(stored),
    }
    click.echo(json.dumps(report, ensure_ascii=False))
    ctx.exit(0 if found.fault is None else 1)


@recording.command("export")
@click.argument("person", type=int, metavar="PERSON")
@click.argument("permit", type=int, metavar="PERMIT")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def export_command(person: int, permit: int, file: Path) -> None:
    """写出双声道 WAV：左为催收员，右为对方 · write a stereo WAV: the collector left, the other side right.

    FILE must not exist. That it was given out is written into the log first.
    """
    stored = _stored(person, permit)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"无法写入 · cannot be written: {file}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as out:
        record_export_of_recording(stored, getpass.getuser(), datetime.now(UTC))
        try:
            for block in open_recording(stored):
                out.write(block)
        except (KeyUnavailable, FileNotFoundError) as error:
            file.unlink()
            raise click.ClickException("录音缺失或无法解开 · the recording is missing or does not open") from error
    click.echo(json.dumps({"file": str(file), "seconds": stored.seconds, "sha256": stored.sha256}, ensure_ascii=False))


def _stored(person: int, permit: int) -> StoredRecording:
    stored = load_recording(person, permit)
    if stored is None:
        raise click.ClickException(NO_RECORDING)
    return stored


def _kept_until(stored: StoredRecording) -> str | None:
    """The last day on which the packs of the lender ask for it as a recording; None where none does.

    It is a collection record too, whose time begins only when the case is closed.
    """
    made_on = civil_day(stored.made_at)
    person = load_person(stored.person_id, stored.made_at)
    until = retention_of(law_of(person.profile, person.house), RECORD, made_on).keep_until({"record_made": made_on})
    return None if until is None else until.isoformat()
