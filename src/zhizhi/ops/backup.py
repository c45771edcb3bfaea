"""`zhizhi backup`: made for a recipient, checked by anybody, restored by whoever holds the identity and the keys."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.backups.folder import Manifest, read_backup
from zhizhi.gateways.backups.sealed import make_identity, open_into, read_identity, read_recipient, seal_to
from zhizhi.gateways.postgres.place import locate_state

_PATH = click.Path(path_type=Path)
_THERE = click.Path(path_type=Path, exists=True, file_okay=False)
_TO = click.option("--to", "recipient", required=True, metavar="AGE1…", help="接收者公钥 · the recipient's public key")
_IDENTITY = click.option("--identity", type=_PATH, help="私钥文件 · the file of the identity")
_KEY = click.option("--key", help="日志的验证密钥；缺省用备份自带的 · the log's verifier; else the backup's own")


@click.group()
def backup() -> None:
    """加密备份：制作、核验、恢复 · Encrypted backups: make, verify, restore."""


@backup.command()
@click.argument("path", metavar="FILE", type=_PATH)
def identity(path: Path) -> None:
    """生成一对密钥：私钥写入 FILE，公钥打印出来 · Make an identity; print the recipient. Keep FILE off this machine."""
    with _saying_why():
        click.echo(make_identity(path))


@backup.command()
@_TO
@click.option("--out", type=_PATH, help="备份放在哪里，缺省为状态目录下的 backups · where backups lie")
def make(recipient: str, out: Path | None) -> None:
    """备份数据库与录音；不含密钥 · Back up database and recordings, not the keys."""
    from zhizhi.ops.backup_apart import kept_apart
    from zhizhi.ops.backup_make import make_backup

    with _saying_why():
        state = Path(os.environ["ZHIZHI_STATE"])
        folder, manifest = make_backup(state, out or state / "backups", read_recipient(recipient), datetime.now(UTC))
    click.echo(f"已备份到 · backed up to {folder}")
    _show(manifest)
    if apart := kept_apart(state, os.environ):
        click.echo("不在备份里，恢复时也需要，请另行保管 · not in it and needed to restore; keep these apart:")
        for one in apart:
            click.echo(f"  {one.path} · {one.what.zh} · {one.what.en}")


@backup.command()
@click.argument("folder", metavar="FOLDER", type=_THERE)
@_IDENTITY
@_KEY
def verify(folder: Path, identity: Path | None, key: str | None) -> None:
    """核验备份是否完整；有私钥则全部解开一遍 · Check that it is whole; with the identity open all of it."""
    with _saying_why():
        manifest = read_backup(folder, key)
        if identity is not None:
            opener = read_identity(identity)
            with Path(os.devnull).open("wb") as nowhere:
                for file in manifest.files:
                    open_into(folder / file.name, opener, nowhere)
    click.echo("完整，已全部解开 · whole, all of it opens" if identity else "完整（未解开） · whole (not opened)")
    if key is None:
        click.echo(f"签名密钥为备份自带，请核对 · signed by the backup's own key; compare: {manifest.log_key}")
    _show(manifest)


@backup.command()
@click.argument("folder", metavar="FOLDER", type=_THERE)
@click.option("--identity", type=_PATH, required=True, help="私钥文件 · the file of the identity")
def restore(folder: Path, identity: Path) -> None:
    """恢复到空的数据库与状态目录，并逐项证明 · Restore into an empty database and state folder, and prove it."""
    from zhizhi.ops.backup_restore import restore_backup

    with _saying_why():
        state, url = Path(os.environ["ZHIZHI_STATE"]), os.environ["DATABASE_URL"]
        manifest = restore_backup(folder, read_identity(identity), state, url)
    click.echo("已恢复并证明：行数一致，日志核对无误，证明可验 · restored and proven: counts, log and proof hold")
    _show(manifest)


@backup.command()
@_TO
@click.option("-o", "--out", type=_PATH, required=True, help="写到哪里 · where to")
def keys(recipient: str, out: Path) -> None:
    """另行备份密钥文件，给另一把公钥 · Back up the key file by itself, for a recipient of its own."""
    path = _key_file()
    with _saying_why(), path.open("rb") as file:
        seal_to(out, read_recipient(recipient), file)
    click.echo(f"已写出 · written: {out.name}")


@backup.command("restore-keys")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--identity", type=_PATH, required=True, help="私钥文件 · the file of the identity")
def restore_keys(path: Path, identity: Path) -> None:
    """恢复密钥文件；先于 restore · Restore the key file; before `restore`."""
    target = _key_file()
    if target.exists():
        raise click.ClickException(f"`{target.name}` 已存在，不覆盖 · is there and stays as it is")
    fresh = target.with_suffix(".restoring")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _saying_why():
        opener = read_identity(identity)
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                open_into(path, opener, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(target)
        finally:
            fresh.unlink(missing_ok=True)
    click.echo(f"已恢复 · restored: {target.name}")


def _key_file() -> Path:
    import zhizhi

    state = locate_state(os.environ, Path(zhizhi.__file__).resolve().parent)
    if (state / "keys.toml").exists() or os.environ.get("ZHIZHI_KEYS"):
        raise click.ClickException(
            "密钥由 keys.toml 指定的密钥服务保管，请按 docs/keys.md 备份"
            " · keys.toml names who keeps the keys; back them up as docs/keys.md says"
        )
    return state / "keys" / "local.json"


def _show(manifest: Manifest) -> None:
    rows = sum(manifest.tables.values())
    click.echo(
        f"  {manifest.made_at} · {len(manifest.tables)} 张表 tables, {rows:,} 行 rows · 日志 log {manifest.log_size:,}"
        f" · 录音 objects {manifest.objects:,} · {sum(one.octets for one in manifest.files):,} 字节 octets"
    )
    if manifest.objects_erased_meanwhile:
        click.echo(f"  备份期间依法删除 · erased in between: {len(manifest.objects_erased_meanwhile)}")


@contextmanager
def _saying_why() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException(f"{refused.text.zh} · {refused.text.en}") from refused
    except OSError as error:
        raise click.ClickException(f"{error.strerror}: {Path(str(error.filename)).name}") from error
