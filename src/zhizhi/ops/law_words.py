"""What the commands that reason about rules say of a contact and of a law: one line, Chinese first."""

from datetime import date
from pathlib import Path

from zhizhi.core.conduct.reasoning.histories import Document
from zhizhi.core.conduct.reasoning.scene import Confirmed
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError, UnknownPack
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.core.law.reasoning.spans import Stretch
from zhizhi.store.packs import list_profiles, load_law, load_pack, read_pack

ABSTRACTION = Text(
    "证明的范围: 规则所问的全部特征与计数(有限记录)及其相互关系; 人工解除的待定不在其内。",
    "a proof covers every record of features and counts that rules ask for, under the relations listed in"
    " docs/law/reasoning.md; holds released by a person are outside it.",
)


def contact_line(case: Confirmed) -> str:
    """The contact of a witness in a line: when, how, with whom, what for, and how much came before it."""
    document = case.document
    proposed = document["proposed"]
    role = next(party["role"] for party in document["parties"] if party["id"] == proposed["party"])
    before = f"{len(document['events'])} events, {len(document['statements'])} statements before"
    return f"{proposed['at']} {proposed['channel']} → {role}, {proposed['purpose']}, {before}"


def verdicts_line(case: Confirmed) -> str:
    """What the reference decides under the old law and the new one."""
    old, new = case.old, case.new
    verdicts = f"{old.verdict.value} → {new.verdict.value}"
    if old.next_permitted_at == new.next_permitted_at:
        return verdicts
    return f"{verdicts}; next {old.to_document()['next_permitted_at']} → {new.to_document()['next_permitted_at']}"


def span_line(stretch: Stretch) -> str:
    """From when until when."""
    until = "" if stretch.until is None else f", 至 before {stretch.until}"
    return f"{stretch.first} 起 on{until}"


def expecting(case: Confirmed, is_new: bool, reading: str, name: str) -> Document:
    """The witness as a case that `zhizhi law check` compares with the decision of one side."""
    decided = (case.new if is_new else case.old).to_document()
    expect = {"verdict": decided["verdict"], "next_permitted_at": decided["next_permitted_at"]}
    return {**case.document, "id": name, "reading": reading, "expect": expect}


def pack_named(written: str) -> Pack | None:
    """The pack of a folder or of this release; None where the word names neither. Refuses: PackError."""
    if Path(written).is_dir():
        return read_pack(Path(written))
    try:
        return load_pack(written)
    except UnknownPack:
        return None


def one_pack_named(written: str) -> Pack:
    """The same where nothing else will do. Refuses: PackError, also where the word names neither."""
    pack = pack_named(written)
    if pack is None:
        raise PackError(
            written,
            1,
            Text("没有这个名字的规则包或文件夹", "no pack or folder of that name"),
            Text("写一个含有 `pack.toml` 的文件夹", "name a folder that holds `pack.toml`"),
        )
    return pack


def profiles_named(written: str) -> list[str]:
    """A profile, or every profile whose name begins with these words: `cn` for the whole Chinese set."""
    if written in list_profiles():
        return [written]
    return [name for name in list_profiles() if name == written or name.startswith(f"{written}.")]


def profiles_with(pack: Pack) -> list[str]:
    """Profiles that the pack is a part of."""
    return [name for name in list_profiles() if any(one.id == pack.id for one in load_law(name).packs)]


def profiles_of_zone(pack: Pack) -> list[str]:
    """Profiles that a pack of this zone could join."""
    return [name for name in list_profiles() if load_law(name).zone == pack.zone]


def usable(law: Law) -> Law:
    """A law about which something can be said. Refuses: one with a pack that does not verify, or with none at all."""
    if law.packs and not law.broken:
        return law
    said = [(f"{broken.pack}：{broken.why.zh}", f"{broken.pack}: {broken.why.en}") for broken in law.broken]
    zh, en = "；".join(zh for zh, _ in said), "; ".join(en for _, en in said)
    wrong = Text(zh or "没有规则包", en or "it holds no pack")
    help_ = Text("先改好规则包：`zhizhi law packs`", "put the pack right first: `zhizhi law packs`")
    raise PackError(law.profile, 1, wrong, help_)


def day_of(written: str | None, today: date) -> date:
    """The day that witnesses are set on."""
    return date.fromisoformat(written) if written else today
