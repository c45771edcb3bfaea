"""Files that come in later, an import taken back, and a pack that is exchanged in the middle."""

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db import connections

from simulation.seeding import BOOK, bring_in
from simulation.truth import LawFrom
from simulation.world import World
from zhizhi.config.databases import database_of
from zhizhi.store import packs
from zhizhi.store.law.caps import activate_caps
from zhizhi.store.law.releases import keep_proposed
from zhizhi.usecases.intake.kinds import Kind
from zhizhi.usecases.withdraw_import import WithdrawImport, withdraw_import
from zhizhi.usecases.zones import civil_day

PACK, PARAMETER = "cn.gbt45251", "params/valid_calls_per_day.yaml"
CALLS_A_DAY = 2


@dataclass
class Changes:
    """What happens to the book and the law while everybody works."""

    world: World
    by: int
    files: list[int] = field(default_factory=list)

    def payments_file(self) -> None:
        """Money of the night: known accounts, one that nobody knows, a row twice, a row that cannot be read."""
        world = self.world
        lines = (world.place.folder / BOOK / "payments.csv").read_text(encoding="utf-8").splitlines()
        head, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]
        where = {name: head.index(name) for name in head}
        on = civil_day(world.now)
        made = []
        for n, row in enumerate(world.random.sample(rows, min(len(rows), world.random.randint(3, 12)))):
            fresh = list(row)
            fresh[where["payment_id"]] = f"N{on:%Y%m%d}{n:03d}"
            fresh[where["at"]] = f"{on - timedelta(days=1)}T20:00:00+08:00"
            fresh[where["kind"]], fresh[where["result"]] = "repayment", "succeeded"
            fresh[where["reverses"]] = ""
            fresh[where["amount_minor"]] = str(world.random.randint(1, 50_000))
            made.append(fresh)
        wrong = list(made[0])
        wrong[where["payment_id"]], wrong[where["account_number"]] = f"N{on:%Y%m%d}-wrong", "A999999999"
        unread = list(made[0])
        unread[where["payment_id"]], unread[where["amount_minor"]] = f"N{on:%Y%m%d}-unread", "twelve"
        made += [wrong, unread, list(made[-1])]
        path = self.world.place.folder / f"payments-{on}.csv"
        path.write_text("\n".join([",".join(head), *(",".join(row) for row in made)]) + "\n", encoding="utf-8")
        for _ in range(3):  # an upload that died goes on where it stopped
            done = world.step("import", partial(bring_in, path, Kind.PAYMENTS, on, on, world.now, world.truth), risk=10)
            if not done.died:
                break
        if done.went_well:
            self.files.append(done.value.file_id)
        world.step("import again", partial(bring_in, path, Kind.PAYMENTS, on, on, world.now, world.truth))

    def withdraw(self) -> None:
        """Yesterday's file was wrong."""
        if not self.files:
            return
        world, file = self.world, self.files.pop()
        wanted = WithdrawImport(file, "银行撤销该批流水", self.by)
        done = world.step("withdraw", partial(withdraw_import, wanted, world.now), risk=10)
        if done.died:
            world.step("withdraw", partial(withdraw_import, wanted, world.now))
        world.must_refuse(0, "withdrawn twice", partial(withdraw_import, wanted, world.now), ("withdrawn_before",))

    def change_law(self) -> None:
        """A release with a tighter number is installed: other packs, kept, activated, and used from now on."""
        world = self.world
        root = world.place.folder / "packs"
        shutil.copytree(packs.PACKS_ROOT, root)
        folder = root / PACK.replace(".", "/")
        file = folder / PARAMETER
        text = file.read_text(encoding="utf-8")
        assert "value: 3," in text, "the parameter that is tightened"
        file.write_text(text.replace("value: 3,", f"value: {CALLS_A_DAY},"), encoding="utf-8")
        packs.rewrite_manifest(PACK, root)
        keep_proposed(_files(folder), world.now)
        packs.PACKS_ROOT = root
        packs.forget_laws()
        _as_owner(world)
        activate_caps(world.now)
        world.truth.law.append(LawFrom(world.now, CALLS_A_DAY))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _as_owner(world: World) -> None:
    """Activation is the owner's; processes that serve have no such connection, so it is made for this alone."""
    wanted = {**connections["gate"].settings_dict, **database_of(world.place.url, None)}
    connections.databases.setdefault("owner", wanted)
    connections["owner"].close()
    connections["owner"].settings_dict.update(wanted)
