"""`zhizhi evidence verify`: check a bundle without a network, a database or settings."""

import json
from pathlib import Path

import click

from zhizhi.core.evidence.bundle_archive import ARCHIVE_BYTES_MAX, ArchiveRefused, read_archive
from zhizhi.core.evidence.bundle_check import check_bundle
from zhizhi.core.evidence.bundle_report import BundleFault, BundleReport
from zhizhi.core.evidence.checkpoint import CheckpointRefused, Verifier
from zhizhi.core.evidence.export import VERIFIER_KEY
from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.kernel.text import Text
from zhizhi.ops.verifier_keys import key_lines, read_limited, read_verifiers


@click.command("verify")
@click.argument("bundle", metavar="BUNDLE.zip", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="另行取得的验证公钥 · the log's public key, got another way; default: the one inside the bundle",
)
@click.pass_context
def verify_command(ctx: click.Context, bundle: Path, key_file: Path | None) -> None:
    """核验存证包：每个文件、签名、条目、证明与各行 · check a bundle: every file, signature, leaf, proof and row.

    Exit 0: everything holds. Exit 1: something does not; the report names each place. A key that came with the bundle
    shows only that the bundle is of one piece, not whose it is.
    """
    try:
        octets = read_limited(bundle, ARCHIVE_BYTES_MAX)
    except OSError as error:
        raise click.ClickException(f"无法读取 · cannot be read: {bundle}: {error.strerror}") from error
    try:
        verifiers = read_verifiers(key_file) if key_file is not None else _own_key(octets)
        report = check_bundle(octets, verifiers)
    except EvidenceRefused as refused:
        place = refused.place if isinstance(refused, ArchiveRefused) else str(key_file or VERIFIER_KEY)
        report = BundleReport(faults=[BundleFault(place, refused)])
    key = {"file": str(key_file) if key_file else VERIFIER_KEY, "came_with_the_bundle": key_file is None}
    document = {"bundle": str(bundle), **report.to_document(), "key": key}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    ctx.exit(0 if report.valid else 1)


def _own_key(octets: bytes) -> list[Verifier]:
    content = dict(read_archive(octets)).get(VERIFIER_KEY)
    if content is None:
        text = Text("包内没有验证公钥，请用 --key 指定", "there is no key in the bundle; name one with --key")
        raise CheckpointRefused("checkpoint.key_missing", text)
    return key_lines(content)
