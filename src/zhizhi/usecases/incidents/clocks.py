"""Which statutory clocks run for an incident, and until when: data of defaults/incident_clocks.toml, read once.

Law: rows S.A-29 and S.G-06 to S.G-11. A figure of low confidence counts as any other.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.incidents.words import GRADES, KINDS

TO = {
    "persons": Text("受影响的个人", "the persons concerned"),
    "authority": Text("个人信息保护主管部门", "the authority for personal information"),
    "cac": Text("网信部门", "the cyberspace administration"),
    "nfra": Text("金融监管部门", "the financial regulator"),
    "pbc": Text("人民银行", "the People's Bank"),
}
ONLY = ("critical", "danger", "no_danger", "public")
_WITHIN = re.compile(r"([1-9][0-9]{0,3})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Class:
    """How grave an incident is, as it is known now."""

    kind: str
    grade: str
    is_critical: bool = False
    is_danger: bool = False
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty to tell. `within` zero: at once."""

    id: str
    to: str
    what: Text
    within: timedelta
    kinds: tuple[str, ...]
    from_grade: str
    only: str | None
    row: str
    article: str
    confidence: str

    def runs_for(self, of: Class) -> bool:
        """Whether the duty applies to an incident of this class."""
        said = {
            "critical": of.is_critical,
            "danger": of.is_danger,
            "no_danger": not of.is_danger,
            "public": of.is_public,
        }
        is_grave = GRADES.index(of.grade) >= GRADES.index(self.from_grade)
        return of.kind in self.kinds and is_grave and (self.only is None or said[self.only])

    def due_at(self, known_at: datetime) -> datetime:
        """Boundary: natural days are multiples of 24 hours, and nothing rolls forward over holidays."""
        return known_at + self.within

    def warns_at(self, known_at: datetime) -> datetime:
        """When a quarter of the time is left."""
        return known_at + self.within * 3 / 4


@cache
def clocks() -> tuple[Clock, ...]:
    """Every clock of this release, the shortest first."""
    written = resources.files("zhizhi.defaults").joinpath("incident_clocks.toml").read_text(encoding="utf-8")
    read = [_clock(one) for one in tomllib.loads(written)["clock"]]
    return tuple(sorted(read, key=lambda clock: (clock.within, clock.id)))


def clocks_of(of: Class) -> tuple[Clock, ...]:
    """The clocks that run for an incident of this class, the shortest first."""
    return tuple(clock for clock in clocks() if clock.runs_for(of))


def _clock(said: dict[str, Any]) -> Clock:
    clock = Clock(
        id=said["id"],
        to=said["to"],
        what=Text(said["what"]["zh"], said["what"]["en"]),
        within=_span(said["within"]),
        kinds=tuple(said["kinds"]),
        from_grade=said.get("from_grade", GRADES[0]),
        only=said.get("only"),
        row=said["row"],
        article=said["article"],
        confidence=said["confidence"],
    )
    assert clock.to in TO, clock.id
    assert set(clock.kinds) <= set(KINDS), clock.id
    assert clock.from_grade in GRADES, clock.id
    assert clock.only is None or clock.only in ONLY, clock.id
    assert clock.confidence in ("high", "medium", "low"), clock.id
    return clock


def _span(written: str) -> timedelta:
    if written == "at_once":
        return timedelta()
    found = _WITHIN.fullmatch(written)
    assert found is not None, f"no span: {written}"
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
