"""Put a lender's own pack in force: read, linted, tried by its own cases, proven to tighten, then activated.

Two persons: one has it examined and asks, another approves on the screen, and the first one activates.

Whatever is wrong is told at once and wholly, with a witness where the pack would let something through.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zhizhi.core.conduct.pack_cases import pack_case_fails
from zhizhi.core.conduct.reasoning.tighten import Tightening, tightening
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.house import joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.core.law.pack_files import parse_pack
from zhizhi.core.law.reasoning.lint import ERROR, Finding, lint
from zhizhi.store.law.activation import (
    OWNER,
    ProvenHouse,
    Signed,
    UseApproval,
    activate_house,
    keep_proof,
    profile_of,
    withdraw_house,
)
from zhizhi.store.law.houses import House, is_proven, standing_houses
from zhizhi.store.law.releases import NotKept, load_release
from zhizhi.store.packs import UnknownProfile, accepted_findings, list_profiles, load_law, read_files
from zhizhi.store.reconciliation.runs import lender_of
from zhizhi.store.transact.staff import find_staff
from zhizhi.usecases.approvals.asking import Ask, ask, use_approval
from zhizhi.usecases.approvals.house_pack import HOUSE_PACK, in_force_request, withdrawal_request
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.refused import UseCaseRefused


@dataclass(frozen=True, slots=True)
class Examined:
    """A house pack before a law: what lint says against its rules, its own cases that fail, and the proof."""

    law: Law
    pack: Pack
    findings: tuple[Finding, ...]
    failing: tuple[str, ...]
    proof: Tightening

    @property
    def is_sound(self) -> bool:
        """Whether it may be put in force."""
        return not self.findings and not self.failing and self.proof.is_proven


@dataclass(frozen=True, slots=True)
class ActivateHouse:
    """Somebody who has the say wants the pack of a folder in force for a lender."""

    lender: str
    folder: Path
    signed: Signed


class Unsound(UseCaseRefused):
    """The pack is not put in force; `examined` says why."""

    def __init__(self, examined: Examined) -> None:
        super().__init__("unsound", Text(
            "内部规则包未通过检查，没有启用；请按所列各项修改后重试",
            "the house pack is not sound, nothing is put in force; help: put right what is listed and try again",
        ))  # fmt: skip
        self.examined = examined


def ask_to_activate(command: ActivateHouse, at: datetime, today: date) -> tuple[int, Examined]:
    """Examine the pack and ask a second person; answers the request and the proof. Refuses: as `activate`."""
    house, examined = _proven(command, today)
    return _ask(command.lender, in_force_request(command.lender, house.pack), command.signed, at), examined


def activate(command: ActivateHouse, approval: int, at: datetime, today: date) -> tuple[int, Examined]:
    """Examine the pack and put it in force; answers the activation and the proof.

    Refuses: a folder that is no pack, a manifest that does not agree, a law that does not verify itself, whatever the
    examination finds (Unsound), an approval that is not of this very pack in the place of what stands now, and what
    the commit refuses (HouseRefused).
    """
    house, examined = _proven(command, today)
    use = _using(approval, in_force_request(command.lender, house.pack), at)
    return activate_house(command.lender, house, command.signed, at, use), examined


def ask_to_withdraw(lender: str, signed: Signed, at: datetime) -> int:
    """Ask a second person to let the law alone decide; answers the request. Refuses: none stands, NotAllowed."""
    return _ask(lender, withdrawal_request(lender), signed, at)


def withdraw(lender: str, approval: int, signed: Signed, at: datetime) -> None:
    """End the one that stands. Refuses: none stands, no approval of exactly that, what the commit refuses."""
    withdraw_house(lender, signed, at, _using(approval, withdrawal_request(lender), at))


def _proven(command: ActivateHouse, today: date) -> tuple[ProvenHouse, Examined]:
    law = _sound_law(profile_of(command.lender))
    files = _files(command.folder)
    pack = _pack(files)
    examined = examine(law, pack, today)
    if not examined.is_sound:
        raise Unsound(examined)
    return ProvenHouse(law, pack, files, examined.proof.proofs), examined


def _ask(lender: str, request: dict[str, Any], signed: Signed, at: datetime) -> int:
    by = find_staff(signed.login)
    if by is None:
        raise NotAllowed(HOUSE_PACK.asks)
    return ask(HOUSE_PACK, Ask(request, signed.ground, by, lender_of(lender)), at)


def _using(approval: int, request: dict[str, Any], at: datetime) -> UseApproval:
    def use(lender_id: int, by: int) -> None:
        use_approval(HOUSE_PACK, approval, Ask(request, "", by, lender_id), at, using=OWNER)

    return use


def examine(law: Law, pack: Pack, today: date) -> Examined:
    """Everything that keeps a house pack from joining a law."""
    accepted = {one.key for one in accepted_findings()}
    own = {rule.id for rule in pack.rules}
    found = tuple(
        one
        for one in lint(joined(law, pack), today)
        if one.level == ERROR and one.key not in accepted and (one.pack == pack.id or one.about in own)
    )
    return Examined(law, pack, found, tuple(_failing(pack)), tightening(law, pack, today))


def prove_again(at: datetime, today: date) -> Iterator[tuple[House, bool]]:
    """Repeat the proofs of the packs that stand against the packs of this release; answers who is held from now on.

    A process of the release before goes on under the proof of its own packs.
    """
    for house in standing_houses():
        try:
            law, pack = load_law(house.profile), load_release(house.sha256)
        except (UnknownProfile, NotKept):
            yield house, False
            continue
        if is_proven(law, house.sha256):
            continue
        proof = tightening(law, pack, today) if not law.broken and law.packs else None
        if proof is not None and proof.is_proven:
            keep_proof(ProvenHouse(law, pack, {}, proof.proofs), at)
        yield house, proof is not None and proof.is_proven


def _sound_law(profile: str) -> Law:
    law = load_law(profile)
    if law.broken or not law.packs:
        raise UseCaseRefused("no_law", Text(
            f"业务场景 {profile} 自身的规则包不可用；请先运行 zhizhi law packs",
            f"the packs of {profile} do not verify themselves; help: run `zhizhi law packs` first",
        ))  # fmt: skip
    return law


def _files(folder: Path) -> Mapping[str, bytes]:
    try:
        return read_files(folder)
    except PackError as wrong:
        raise _bad(wrong) from wrong


def _pack(files: Mapping[str, bytes]) -> Pack:
    try:
        pack = parse_pack(files)
    except PackError as wrong:
        raise _bad(wrong) from wrong
    if not pack.verified:
        raise UseCaseRefused("manifest", Text(
            "MANIFEST.sha256 与文件不符；请核对后重写清单",
            "the manifest does not agree with the files; help: look at what changed and write it anew",
        ))  # fmt: skip
    return pack


def _bad(wrong: PackError) -> UseCaseRefused:
    return UseCaseRefused("bad_pack", Text(f"规则包有误：{wrong.text.zh}", f"the pack has a mistake: {wrong.text.en}"))


def _failing(pack: Pack) -> Iterator[str]:
    """The table cases of the pack that are not decided as the pack itself says."""
    for case in pack.cases:
        profile = str(case.document.get("profile"))
        wrong = (
            pack_case_fails(pack, case, load_law(profile)) if profile in list_profiles() else f"no profile {profile}"
        )
        if wrong is not None:
            yield f"{case.file}:{case.line} {case.rule}: {wrong}"
