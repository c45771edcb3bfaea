"""What the solver wants is what is written: the record of a built case has every value that was chosen."""

from datetime import date
from typing import Any

import pytest

from zhizhi.core.conduct.reasoning.chosen import to_wanted
from zhizhi.core.conduct.reasoning.measured import measured
from zhizhi.core.conduct.reasoning.scene import Scene
from zhizhi.core.law.law import Law
from zhizhi.core.law.reasoning.smt import Found
from zhizhi.core.law.reasoning.symbols import Symbol
from zhizhi.core.law.reasoning.verdicts import Side
from zhizhi.store.packs import load_law

DAY = date(2026, 3, 2)
EVERY = 4
"""Rules that are looked at: one in so many, so that the test stays quick."""
FREE = {"agreed_number", "narrow_number"}
"""Numbers of agreements that were not chosen to be."""


def of_packs(profile: str, *packs: str) -> Law:
    law = load_law(profile)
    return Law(law.profile, law.title, law.zone, tuple(pack for pack in law.packs if pack.id in packs), ())


def differs(scene: Scene, found: Found, symbol: Symbol, term: Any, record: Any) -> bool:
    if (
        symbol.kind in FREE
        or symbol.key == "hours.specific"
        or (symbol.kind == "clock" and symbol.key not in ("begin", "end"))
    ):
        return False
    feature = symbol.key[0] if symbol.kind == "holds" else symbol.key if symbol.kind == "number" else None
    known = feature is None or found.flag(scene.symbols.under(symbol.reading or "strict").known(feature))
    wanted = found.number(term) if symbol.is_number else found.flag(term)
    return known and wanted != measured(record, symbol)


@pytest.mark.parametrize(
    ("profile", "packs"),
    [("cn.bank.online", ["cn.gbt45251", "cn.statutes"]), ("us.regf", ["us.regf"])],
    ids=["cn", "us"],
)
def test_a_case_is_built_with_every_value_that_the_solver_chose(profile, packs):
    law = of_packs(profile, *packs)
    scene = Scene(Side(law, "strict"), Side(law, "text"), DAY)
    wrong, built = [], 0
    for name, rule in list(scene.before.said.items())[::EVERY]:
        found = scene._writable.ask_preferring(rule.speaks)
        if found is None:
            continue
        records = scene.possible.records(to_wanted(found, scene.possible))
        built += 1
        wrong += [
            f"{name}: {symbol.name}"
            for symbol, term in scene.symbols.items()
            if differs(scene, found, symbol, term, records[symbol.reading])
        ]
    assert not wrong
    assert built >= 5
