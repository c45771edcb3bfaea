"""The only reader of the bytes of rule packs. Free of Django, so that `zhizhi law` needs no database."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from pathlib import Path
from typing import cast

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError, UnknownPack
from zhizhi.core.law.house import joined
from zhizhi.core.law.law import Broken, Law
from zhizhi.core.law.pack import MANIFEST, Pack, digest_of, manifest_of
from zhizhi.core.law.pack_files import PACK_FILES_MAX, parse_pack

PACKS_ROOT = Path(__file__).resolve().parent.parent / "packs"
PROFILES_FILE = "profiles.toml"
ACCEPTED_FILE = "accepted.toml"
PARSED_PACKS_KEPT = 64
_ALTERED = Text(f"{MANIFEST} 与文件不符", f"{MANIFEST} does not agree with the files")


class UnknownProfile(LookupError):
    """A profile that this release does not know. Nothing may be permitted for it."""


def load_law(profile: str, root: Path | None = None) -> Law:
    """The law of a profile, parsed once for each content of its packs.

    Boundary: a process keeps the law of its release as it first read it, until `forget_laws`; other roots are read each
    time. A pack that does not parse or verify stands in `broken`: nothing is permitted. Refuses: UnknownProfile.
    """
    return _law_of_release(profile) if root is None else _read_law(profile, root)


def load_law_with(profile: str, *packs: Pack) -> Law:
    """The law of a profile with packs besides, or in the place of those of the same id. Refuses: UnknownProfile."""
    return reduce(joined, packs, load_law(profile))


def read_pack(folder: Path) -> Pack:
    """The pack of any folder, also where its manifest does not agree. Refuses: PackError."""
    return _parsed(tuple(read_files(folder).items()))


def read_files(folder: Path) -> dict[str, bytes]:
    """The files of any pack folder. Refuses: PackError, where there are none."""
    content = dict(_content(folder))
    if not content:
        raise PackError(
            "pack.toml",
            1,
            Text(f"`{folder.name}` 里没有规则包", f"no pack in `{folder.name}`"),
            Text("写一个含有 `pack.toml` 的文件夹", "name a folder that holds `pack.toml`"),
        )
    return content


def digest_of_law(law: Law) -> str:
    """What names the content of a law as a whole: its packs in their order. A proof about a law speaks of this."""
    return hashlib.sha256("".join(f"{one.id} {one.sha256}\n" for one in law.packs).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding of `zhizhi law lint` that somebody looked at and accepts, and on what ground."""

    code: str
    rule: str
    about: str
    zh: str
    en: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by."""
        return (self.code, self.rule, self.about)


def accepted_findings(root: Path = PACKS_ROOT) -> list[Accepted]:
    """The committed list of accepted findings. Refuses: PackError."""
    file = root / ACCEPTED_FILE
    if not file.is_file():
        return []
    try:
        return [Accepted(**entry) for entry in tomllib.loads(file.read_text(encoding="utf-8"))["accepted"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as wrong:
        help_ = Text("每项写 code、rule、about、zh、en", "give each entry code, rule, about, zh and en")
        raise PackError(
            ACCEPTED_FILE, 1, Text(f"不是已接受发现的清单：{wrong}", f"no list of accepted findings: {wrong}"), help_
        ) from wrong


def forget_laws() -> None:
    """Read the packs of this release anew the next time they are asked for."""
    _law_of_release.cache_clear()


@lru_cache(maxsize=PARSED_PACKS_KEPT)
def _law_of_release(profile: str) -> Law:
    return _read_law(profile, PACKS_ROOT)


def _read_law(profile: str, root: Path) -> Law:
    written = _profiles(root).get(profile)
    if written is None:
        raise UnknownProfile(profile)
    names = tuple(str(name) for name in cast("list[str]", written["packs"]))
    contents = tuple((name, _content(root / name.replace(".", "/"))) for name in names)
    title = Text(str(written["zh"]), str(written["en"]))
    zone = str(written["zone"]) if "zone" in written else None
    return _law(profile, title, zone, contents)


def list_profiles(root: Path = PACKS_ROOT) -> list[str]:
    """Names of the profiles, in the order of the file."""
    return list(_profiles(root))


def list_packs(root: Path = PACKS_ROOT) -> list[Pack]:
    """Every pack of this release that parses, by id, for the screens that show the law. Refuses: PackError."""
    return [_parsed(_content(folder)) for folder in _folders(root)]


def release_contents(root: Path = PACKS_ROOT) -> list[tuple[Pack, dict[str, bytes]]]:
    """Every pack of this release that parses and verifies, with its files: what decisions may name by digest."""
    found = []
    for folder in _folders(root):
        content = _content(folder)
        try:
            pack = _parsed(content)
        except PackError:
            continue  # it stands in `Law.broken` and no decision names it
        if pack.verified:
            found.append((pack, dict(content)))
    return found


def profile_head(profile: str, root: Path = PACKS_ROOT) -> tuple[Text, str | None]:
    """Title and zone of a profile. Refuses: UnknownProfile."""
    written = _profiles(root).get(profile)
    if written is None:
        raise UnknownProfile(profile)
    return Text(str(written["zh"]), str(written["en"])), str(written["zone"]) if "zone" in written else None


def load_pack(pack: str, root: Path = PACKS_ROOT) -> Pack:
    """One pack by its id. Refuses: PackError, also where there is none."""
    folder = _folder_of(pack, root)
    return _parsed(_content(folder))


def rewrite_manifest(pack: str, root: Path = PACKS_ROOT) -> str:
    """Write the manifest that fits the files of a pack, and return the new digest. Refuses: PackError."""
    folder = _folder_of(pack, root)
    files = dict(_content(folder))
    (folder / MANIFEST).write_text(manifest_of(files), encoding="utf-8")
    return digest_of(files)


def _folder_of(pack: str, root: Path) -> Path:
    for folder in _folders(root):
        if ".".join(folder.relative_to(root).parts) == pack:
            return folder
    raise UnknownPack(
        "pack.toml",
        1,
        Text(f"没有规则包 `{pack}`", f"no pack `{pack}`"),
        Text("写 `zhizhi law packs` 列出的编号", "use an id that `zhizhi law packs` lists"),
    )


def _folders(root: Path) -> Iterator[Path]:
    return (head.parent for head in sorted(root.glob("*/*/pack.toml")))


def _profiles(root: Path) -> Mapping[str, Mapping[str, object]]:
    return _parsed_profiles((root / PROFILES_FILE).read_text(encoding="utf-8"))


@lru_cache(maxsize=4)
def _parsed_profiles(text: str) -> Mapping[str, Mapping[str, object]]:
    try:
        return tomllib.loads(text)["profile"]  # type: ignore[no-any-return]  # TOML is untyped
    except (tomllib.TOMLDecodeError, KeyError) as wrong:
        raise PackError(
            PROFILES_FILE,
            1,
            Text(f"不是列有方案的 TOML：{wrong}", f"no TOML with profiles: {wrong}"),
            Text("检查引号与括号", "check quotes and brackets"),
        ) from wrong


Content = tuple[tuple[str, bytes], ...]


def _content(folder: Path) -> Content:
    """Names and bytes of the files of a folder, sorted; none where the folder is not there."""
    files = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files.append((path.relative_to(folder).as_posix(), path.read_bytes()))
        if len(files) > PACK_FILES_MAX:
            raise PackError(
                "pack.toml",
                1,
                Text(f"文件超过 {PACK_FILES_MAX} 个", f"more than {PACK_FILES_MAX} files"),
                Text("拆分规则包", "split the pack"),
            )
    return tuple(files)


@lru_cache(maxsize=PARSED_PACKS_KEPT)
def _parsed(content: Content) -> Pack:
    return parse_pack(dict(content))


@lru_cache(maxsize=PARSED_PACKS_KEPT)
def _law(profile: str, title: Text, zone: str | None, contents: tuple[tuple[str, Content], ...]) -> Law:
    packs, missing, broken = [], [], []
    for name, content in contents:
        if not content:
            missing.append(name)
            continue
        try:
            pack = _parsed(content)
        except PackError as wrong:
            broken.append(Broken(name, wrong.text))
            continue
        if not pack.verified:
            broken.append(Broken(name, _ALTERED))
        elif pack.id != name:
            broken.append(Broken(name, Text(f"文件夹里是规则包 `{pack.id}`", f"the folder holds pack `{pack.id}`")))
        else:
            packs.append(pack)
    return Law(profile, title, zone, tuple(packs), tuple(missing), tuple(broken))
