"""Packs kept byte for byte, so that a decision can be asked again under the very rules that answered it."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from zhizhi.core.conduct.decide import broken_then
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.law import Broken, Law
from zhizhi.core.law.pack import Pack
from zhizhi.core.law.pack_files import PACK_FILES_MAX, parse_pack
from zhizhi.store.law.models import PackRelease
from zhizhi.store.packs import profile_head, release_contents

PACK_BYTES_MAX = 20_000_000
ZIP_TIME = (2000, 1, 1, 0, 0, 0)
RELEASES_PARSED_MAX = 64


class NotKept(LookupError):
    """A pack of this digest was never kept here."""


class Altered(NotKept):
    """What is kept under this digest is not what the digest names."""


class BadPackFile(Refused):
    """A file that was brought as a pack cannot be used as one."""


def keep_releases(at: datetime) -> int:
    """Keep the packs of this release that are not kept yet; answers how many were new."""
    wanted = {pack.sha256: (pack, files) for pack, files in release_contents()}
    known = set(PackRelease.objects.using("gate").filter(sha256__in=wanted).values_list("sha256", flat=True))
    rows = [_row(pack, files, at) for digest, (pack, files) in wanted.items() if digest not in known]
    PackRelease.objects.using("gate").bulk_create(rows, ignore_conflicts=True)
    PackRelease.objects.using("gate").filter(sha256__in=wanted, is_proposed=True).update(is_proposed=False)
    return len(rows)


def keep_proposed(files: Mapping[str, bytes], at: datetime) -> Pack:
    """Keep a pack that somebody proposes; it decides nothing. Refuses: BadPackFile."""
    try:
        pack = parse_pack(files)
    except PackError as wrong:
        raise BadPackFile(
            "bad_pack", Text(f"规则包有误：{wrong.text.zh}", f"the pack has a mistake: {wrong.text.en}")
        ) from wrong
    PackRelease.objects.using("gate").bulk_create([_row(pack, files, at, is_proposed=True)], ignore_conflicts=True)
    return pack


_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError)
"""What a zip raises that is torn, encrypted, or packed by a method that is not known here."""


def files_of_zip(body: bytes) -> dict[str, bytes]:
    """The files of a zipped pack folder, also where the folder itself is the first level. Refuses: BadPackFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > PACK_FILES_MAX or sum(entry.file_size for entry in entries) > PACK_BYTES_MAX:
                raise BadPackFile("too_large", Text("压缩包过大，不是规则包", "the zip is too large for a pack"))
            if any(not _stays_within(entry.filename) for entry in entries):
                raise BadPackFile(
                    "bad_names",
                    Text(
                        "压缩包里的文件名指向文件夹之外",
                        "a name leads out of the folder; help: zip one folder",
                    ),
                )
            files = {entry.filename: opened.read(entry) for entry in entries}
    except _UNREADABLE as wrong:
        raise BadPackFile(
            "no_zip",
            Text("不是可读的 zip 文件；请把规则包文件夹压缩后上传", "no readable zip; help: zip the pack's folder"),
        ) from wrong
    heads = [name for name in files if name == "pack.toml" or name.endswith("/pack.toml")]
    if len(heads) != 1:
        raise BadPackFile(
            "no_pack",
            Text("压缩包须恰有一个 pack.toml", "the zip has to hold exactly one pack.toml; help: zip one folder"),
        )
    root = heads[0].removesuffix("pack.toml")
    return {name.removeprefix(root): content for name, content in files.items() if name.startswith(root)}


def _stays_within(name: str) -> bool:
    """Nothing is unpacked to a disk; but a name that climbs is nobody's pack, whatever reads it later."""
    return not name.startswith("/") and "\\" not in name and ".." not in name.split("/")


@lru_cache(maxsize=RELEASES_PARSED_MAX)
def load_release(sha256: str, *, using: str = "gate") -> Pack:
    """The pack of a digest, read back and parsed. Refuses: NotKept; where the bytes are others by now, Altered."""
    body = PackRelease.objects.using(using).filter(sha256=sha256).values_list("body", flat=True).first()
    if body is None:
        raise NotKept(sha256)
    try:
        pack = parse_pack(files_of_zip(bytes(body)))
    except (BadPackFile, PackError) as wrong:
        raise Altered(sha256) from wrong
    if pack.sha256 != sha256:
        raise Altered(sha256)
    return pack


def law_then(profile: str, stored: Mapping[str, object]) -> Law:
    """The law of a stored decision, by the digests that it names. Refuses: NotKept, UnknownProfile."""
    named: Iterable[Mapping[str, str]] = stored["packs"]  # type: ignore[assignment]  # the contract's shape
    digests = tuple(pack["sha256"] for pack in named)
    held = {pack["id"] for pack in named}
    warned: Iterable[Mapping[str, object]] = stored["warnings"]  # type: ignore[assignment]  # as above
    lacking = [str(name) for one in warned for name in one.get("packs", ())]  # type: ignore[attr-defined]  # as above
    missing = tuple(name for name in lacking if name not in held)
    return _law_then(profile, digests, missing, broken_then(stored))


@lru_cache(maxsize=RELEASES_PARSED_MAX)
def _law_then(profile: str, digests: tuple[str, ...], missing: tuple[str, ...], broken: tuple[Broken, ...]) -> Law:
    title, zone = profile_head(profile)
    return Law(profile, title, zone, tuple(load_release(digest) for digest in digests), missing, broken)


def release_row(pack: Pack, files: Mapping[str, bytes], at: datetime) -> PackRelease:
    """A pack that decides, as it is kept."""
    return _row(pack, files, at)


def _row(pack: Pack, files: Mapping[str, bytes], at: datetime, *, is_proposed: bool = False) -> PackRelease:
    return PackRelease(
        sha256=pack.sha256,
        pack=pack.id,
        version=pack.version,
        body=_zipped(files),
        is_proposed=is_proposed,
        kept_at=at,
    )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in sorted(files):
            opened.writestr(zipfile.ZipInfo(name, ZIP_TIME), files[name], zipfile.ZIP_DEFLATED)
    return held.getvalue()
