"""Cases and laws by the dice: every key of the format and every node of the vocabulary, from a seed.

Cases follow the tables of the format (`core/conduct/shape.py`) and laws the fields of the nodes, so that what is added
there is thrown too; a field that this page does not know fails loudly.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct import shape
from zhizhi.core.conduct.words import DEBT_STATES, DEBTOR_STATES
from zhizhi.core.kernel.text import Text
from zhizhi.core.law import nodes
from zhizhi.core.law.catalogue import AGREED, COUNTS, FEATURES, KEYS, OBLIGATIONS, TOPICS
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Article, InForce, Pack, Parameter, ParameterValue
from zhizhi.core.law.rules import PLACEHOLDERS

Document = dict[str, Any]

DAY = date(2026, 3, 2)
CLOCK_CHANGES = {
    "Asia/Shanghai": [DAY, DAY, date(2026, 12, 31)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), DAY],
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/Havana": [date(2026, 3, 8), date(2026, 11, 1)],
    "Asia/Beirut": [date(2026, 3, 29), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
}
"""Zones, and days about which something changes in them."""
SECONDS = [0, 1, 21_600, 28_799, 28_800, 28_801, 32_400, 36_000, 45_296, 50_400, 75_600, 77_400, 79_199, 79_200, 86_399]
CLOCKS = ["00:00", "06:00", "08:00", "09:30", "12:00", "20:00", "22:00", "23:30", "24:00"]
LENGTHS = [0, 0, 0, 1, 1, 1, 30, 30, 30, 31, 31, 31, 600]
"""Minutes of a contact; one that fits into no hours is rare, since 400 days are searched for it at every instant."""
CALLS = ["voice"] * 12 + ["ringless_voicemail"]
IDS = {"party": "parties", "point": "points", "attributed_to": "debts", "in_reply_to": "events", "on_call": "events"}
RARE = frozenset(["physical", "on_call", "in_session", "in_reply_to", "attributed_to", "by", "debts", "misdirected"])
"""Keys that mostly stay away, since they take an event or contact out of most rules."""
USUAL: dict[str, Any] = {
    "direction": "out", "recording": "on", "discloses_debt": False, "identifies_collector": True, "kind": "lender",
    "names_principal": True, "id_shown": True, "team_size": 2, "source": "contract", "private_device": False,
    "listed": True, "enters_premises": False, "opt_out_notice": True, "content": [],
}  # fmt: skip
"""What a contact mostly is, so that not every one is forbidden by its first rule."""
LOADS_OF = {"voice": 8, "sms": 2, "letter": 2, "visit": 2, "im": 1, "email": 1}


class Cases:
    """A stream of case documents around a few ways of contact, roles, states and kinds of collector, drawn for each
    stream: the compiler writes a programme for each shape of them, and many contacts ought to meet it."""

    def __init__(self, dice: Random, profile: str, zone: str | None) -> None:
        self.dice = dice
        self.profile = profile
        self.zone = zone or dice.choice(list(CLOCK_CHANGES))
        self.day = dice.choice(CLOCK_CHANGES.get(self.zone, [DAY]))
        channels = dice.sample(list(LOADS_OF), 3, counts=list(LOADS_OF.values()))
        purposes = ["collect", "collect", dice.choice(sorted(FEATURES["contact.purpose"].values))]
        forms = ["interactive", "interactive", "notification"]
        self.ways = [(channel, dice.choice(purposes), dice.choice(forms)) for channel in (channels[0], *channels)]
        self.states = dice.sample([*DEBT_STATES, *DEBTOR_STATES], 4)
        self.roles = ["debtor", "debtor", dice.choice(sorted(FEATURES["party.role"].values))]

    def document(self) -> Document:
        """One case."""
        self.ids: dict[str, list[str]] = {
            "debts": [f"d{n}" for n in range(1, self.dice.choice([1, 1, 2, 3]) + 1)],
            "parties": ["p1", "p2", "p3"][: self.dice.choice([1, 2, 3])],
            "points": [],
            "events": [],
        }
        parties = [self._object(shape.PARTY, {"id": name, "role": role}) for name, role in self._roles()]
        points = []
        for n in range(self.dice.choice([1, 2, 3, 4])):
            self.ids["points"].append(f"m{n}")
            kind = self.dice.choice(["mobile", "mobile", "mobile", *sorted(shape.POINT.keys["kind"].choices)])
            points.append(self._object(shape.POINT, {"id": f"m{n}", "kind": kind, "reserved": self._flag()}))
        debts = [self._with_states(shape.DEBT, {"id": name, "lender": self._lender()}) for name in self.ids["debts"]]
        events = sorted((self._event(n) for n in range(self._how_many())), key=lambda event: _instant(event["at"]))
        self.ids["events"] = [event["id"] for event in events]
        events = [self._referring(event, n) for n, event in enumerate(events)]
        zones = [self.zone, *self.dice.sample(list(CLOCK_CHANGES), self.dice.choice([0, 0, 0, 1]))]
        document = {
            "id": f"x{self.dice.randrange(10**9)}", "profile": self.profile,
            "reading": self.dice.choice(["strict", "text"]),
            "debtor": self._with_states(shape.DEBTOR, {"time_zones": zones}),
            "case": self._object(shape.CASE_FACTS, {}, 0.1), "debts": debts, "parties": parties, "points": points,
            "collector": self._object(shape.COLLECTOR, {"id": self._lender()}, 0.8),
            "statements": sorted(self._statements(), key=lambda said: _instant(said["at"])), "events": events,
        }  # fmt: skip
        if self.dice.random() < 0.15:
            document["reviews"] = [self._review() for _ in range(self.dice.choice([1, 2]))]
        document["proposed"] = self.proposed()
        return document

    def proposed(self) -> Document:
        """A contact; several may be drawn for one case."""
        at = self._at(spread=[0])
        channel, purpose, form = self.dice.choice(self.ways)
        given: Document = {"at": at, "channel": channel, "purpose": purpose, "form": form}
        given["party"] = self.dice.choice(self.ids["parties"])
        if self.ids["points"] and self.dice.random() < 0.9:
            given["point"] = self.dice.choice(self.ids["points"])
        made = self._referring(self._object(shape.PROPOSED, given, 0.9))
        made.pop("expected_end_at", None)
        if self.dice.random() < 0.4:
            made["expected_end_at"] = (_instant(at) + timedelta(minutes=self.dice.choice(LENGTHS))).isoformat()
        return made

    def instants(self, how_many: int) -> list[datetime]:
        """Instants about the day of the stream, on which a contact may be moved."""
        drawn = [self._at(spread=[-1, 0, 0, 0, 0, 1, 2, 7]) for _ in range(how_many)]
        return [_instant(written).astimezone(UTC) for written in drawn]

    def _roles(self) -> list[tuple[str, str]]:
        return [
            (name, "debtor" if n == 0 else self.dice.choice(self.roles)) for n, name in enumerate(self.ids["parties"])
        ]

    def _how_many(self) -> int:
        return self.dice.choice([0, 1, 3, 6, 10, 20])

    def _flag(self) -> bool:
        return self.dice.random() < 0.7

    def _lender(self) -> str:
        return self.dice.choice(["L1", "L1", "L1", "L2"])

    def _at(self, spread: list[int]) -> str:
        day = self.day + timedelta(days=self.dice.choice(spread))
        second = self.dice.choice(SECONDS) if self.dice.random() < 0.6 else self.dice.randrange(86_400)
        local = datetime.combine(day, datetime.min.time(), ZoneInfo(self.zone)) + timedelta(seconds=second)
        return local.isoformat()

    def _event(self, n: int) -> Document:
        channel = self.dice.choice(CALLS) if self.dice.random() < 0.7 else self.dice.choice(sorted(LOADS_OF))
        given: Document = {
            "id": f"e{n}",
            "at": self._at([0, 0, 0, 0, 0, -1, -1, -2, -3, -6, -7, -8, 1]),
            "channel": channel,
        }
        given["party"] = self.dice.choice([self.ids["parties"][0], *self.ids["parties"]])
        return self._object(shape.EVENT, given, 0.7)

    def _referring(self, contact: Document, before: int | None = None) -> Document:
        """References to events of the case, where there are any."""
        for key in ("in_reply_to", "on_call"):
            if key in contact:
                choices = self.ids["events"][:before]
                if choices:
                    contact[key] = self.dice.choice(choices)
                else:
                    del contact[key]
        return contact

    def _statements(self) -> Iterator[Document]:
        for _ in range(self.dice.choice([0, 0, 0, 1, 2, 4])):
            kind = self.dice.choice([*shape.STATEMENTS, "agree_hours", "agree_frequency", "inconvenient_time"])
            keys, needed = shape.STATEMENTS[kind]
            given = {"kind": kind, "at": self._at([-20, -5, -1, 0]), "by": self.dice.choice(self.ids["parties"])}
            merged = shape.Shape({**shape.STATEMENT_BASE, **keys}, shape.STATEMENT_NEEDED | needed)
            made = self._object(merged, given, 0.4)
            if kind == "object_use":
                made["of"] = self.dice.choice([*self.ids["parties"], *self.ids["points"]])
            yield _in_order(made)

    def _review(self) -> Document:
        rules = sorted({row for pack in _PACKS for rule in pack.rules for row in (rule.id, *rule.rows)} | {"R0", "R1"})
        given = {"rule": self.dice.choice(rules), "at": self._at([-1, 0]), "until": self._at([0, 1, 2])}
        return self._object(shape.REVIEW, given, 0.5)

    def _with_states(self, of: shape.Shape, given: Document) -> Document:
        """One state that always holds, mostly; or several with dates."""
        made = self._object(of, {**given, "state": None, "states": None}, 0.3)
        del made["state"], made["states"]
        names = sorted(of.keys["state"].choices)
        usual = "normal" if "normal" in names else "overdue"
        if self.dice.random() < 0.8:
            made["state"] = self.dice.choice([usual] * 6 + [name for name in names if name in self.states])
            return made
        made["states"] = []
        for _ in range(self.dice.choice([1, 2])):
            state = {"state": self.dice.choice([usual, *names])}
            for key in self.dice.sample(["since", "until"], self.dice.choice([0, 1, 1])):
                state[key] = self._until()
            made["states"].append(state)
        return made

    def _until(self) -> str:
        written = self._at([-1, 0, 0, 1, 3])
        return written if self._flag() else written[:10]

    def _object(self, of: shape.Shape, given: Document, often: float = 0.5) -> Document:
        made = dict(given)
        for key, kind in of.keys.items():
            chance = 1.0 if key in of.needed else often * 0.15 if key in RARE else often
            if key not in made and kind.name != "ignored" and self.dice.random() < chance:
                made[key] = self._value(key, kind)
        return {key: value for key, value in made.items() if value is not None or key in ("state", "states")}

    def _value(self, key: str, kind: shape.Kind) -> Any:
        dice = self.dice
        if key in USUAL and dice.random() < 0.85:
            return USUAL[key]
        if key in IDS:
            names = self.ids[IDS[key]]
            return dice.choice(names) if names else ("e0" if IDS[key] == "events" else None)
        if key in ("by", "told", "id") and kind.name == "text":
            return dice.choice(["L1", "L2", "collector", *self.ids["parties"]]) if key == "told" else self._lender()
        if key == "debt":
            return dice.choice(self.ids["debts"])
        if key == "debts":
            return dice.sample(self.ids["debts"], dice.randint(1, len(self.ids["debts"])))
        return _THROWN[kind.name](self, kind)

    def _sub(self, kind: shape.Kind) -> Any:
        assert kind.shape is not None
        return self._object(kind.shape, {}, 0.8)


def _some(cases: Cases, kind: shape.Kind) -> list[str]:
    return cases.dice.sample(
        sorted(kind.choices), cases.dice.choice([1, 1, 2] if not kind.may_be_empty else [0, 0, 0, 1])
    )


_THROWN: dict[str, Callable[[Cases, shape.Kind], Any]] = {
    "text": lambda cases, _: cases.dice.choice(["x", "y"]),
    "flag": lambda cases, _: cases.dice.random() < 0.5,
    "count": lambda cases, _: cases.dice.choice([0, 1, 2, 5, 6, 60]),
    "minor": lambda cases, _: cases.dice.choice([0, 1, 100_00]),
    "choice": lambda cases, kind: cases.dice.choice(sorted(kind.choices)),
    "choices": _some,
    "day": lambda cases, _: cases._at([-400, -366, -365, -31, -1, 0, 1])[:10],
    "instant": lambda cases, _: cases._at([-3, -1, 0, 0, 1]),
    "until": lambda cases, _: cases._until(),
    "clock": lambda cases, _: cases.dice.choice(CLOCKS),
    "object": lambda cases, kind: cases._sub(kind),
    "objects": lambda cases, kind: [cases._sub(kind)],
}


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _in_order(said: Document) -> Document:
    """A statement whose spans do not end before they begin."""
    for first, last in (("from", "until"), ("at", "received_at")):
        if first in said and last in said and "T" in str(said[first]) and "T" in str(said[last]):
            said[first], said[last] = sorted((said[first], said[last]), key=_instant)
        elif first in said and last in said and str(said[first])[2] != ":":
            said[first], said[last] = sorted((said[first], said[last]))
    return said


class Laws:
    """Generated laws: a few packs of random rules, whose numbers and packs change about the day of the contacts."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def law(self, profile: str) -> Law:
        """A law of one or two packs."""
        dice = self.dice
        packs = tuple(self._pack(n) for n in range(dice.choice([1, 1, 2])))
        zone = dice.choice([None, "Asia/Shanghai", "America/New_York"])
        missing = ("not.there",) if dice.random() < 0.1 else ()
        return Law(profile, Text("题", "title"), zone, packs, missing)

    def _pack(self, place: int) -> Pack:
        dice = self.dice
        rules = tuple(self._rule(f"R{place}{n}") for n in range(dice.choice([1, 3, 8, 15])))
        articles = (replace(_ARTICLE, row="R", rules=rules),)
        turn = DAY + timedelta(days=dice.choice([-1, 0, 1, 2]))
        spans = (InForce(date(2020, 1, 1), turn), InForce(turn))
        numbers = tuple(ParameterValue(span, dice.choice([0, 1, 2, 3, 6]), "R") for span in spans)
        until = dice.choice([None, None, None, DAY + timedelta(days=1)])
        return replace(
            _PACKS[0], id=f"made.p{place}", articles=articles, in_force=InForce(date(2020, 1, 1), until),
            params={"number": Parameter("number", "calls", Text("数", "number"), numbers)},
        )  # fmt: skip

    def _rule(self, name: str) -> nodes.Rule:
        clauses = {reading: self._clause() for reading in self.dice.choice([("strict",), ("strict", "text")])}
        holes = frozenset.intersection(*(PLACEHOLDERS.get(type(one.body), frozenset()) for one in clauses.values()))
        words = " ".join(f"{{{hole}}}" for hole in sorted(holes))
        return nodes.Rule(
            id=f"made/{name}", row=name, label=name.lower(), topic=self.dice.choice(TOPICS), cites="made",
            rows=frozenset({name, name[:2]}), confidence="high", clauses=clauses,
            explain=Text(f"因 {name} {words}", f"because {name} {words}"), notation="",
        )  # fmt: skip

    def _clause(self) -> nodes.Clause:
        return self.node(nodes.Clause)

    def condition(self, depth: int = 2) -> nodes.Condition:
        """A random condition."""
        dice = self.dice
        kinds = (
            [nodes.Is] * 4
            + ([nodes.Not, nodes.All, nodes.Any] if depth else [])
            + [nodes.AtLeast] * (not dice.randrange(6))
        )
        kind = dice.choice(kinds)
        if kind is nodes.Not:
            return nodes.Not(self.condition(depth - 1))
        if kind in (nodes.All, nodes.Any):
            return kind(tuple(self.condition(depth - 1) for _ in range(dice.choice([0, 1, 2, 2, 3]))))
        if kind is nodes.AtLeast:
            return nodes.AtLeast(
                dice.choice([n for n, f in FEATURES.items() if f.type == "integer"]), dice.choice([1, 2, 3])
            )
        name = dice.choice([n for n, f in FEATURES.items() if f.type in ("flag", "choice", "set")])
        listed = [True, False] if FEATURES[name].type == "flag" else sorted(FEATURES[name].values)
        return nodes.Is(name, frozenset(dice.sample(listed, min(len(listed), dice.choice([1, 1, 2, 3])))))

    def node(self, kind: type) -> Any:
        """A node whose fields are thrown until it accepts itself."""
        for _ in range(200):
            try:
                return kind(**{part.name: self._field(kind, part.name) for part in fields(kind)})
            except AssertionError:
                continue
        raise AssertionError(f"the dice make no {kind.__name__}")

    def _field(self, kind: type, name: str) -> Any:
        throw = _FIELDS.get((kind.__name__, name)) or _FIELDS.get(("", name))
        assert throw is not None, f"the dice do not know `{kind.__name__}.{name}`; add it to _FIELDS"
        return throw(self)

    def number(self, *choices: int) -> nodes.Number:
        """A number, now and then one of the pack's parameters."""
        return nodes.Param("number") if self.dice.random() < 0.1 else self.dice.choice(choices)


def _one_of(*choices: Any) -> Callable[[Laws], Any]:
    return lambda laws: laws.dice.choice(choices)


def _number(*choices: int) -> Callable[[Laws], Any]:
    return lambda laws: laws.number(*choices)


def _some_keys(laws: Laws) -> frozenset[str]:
    return frozenset(laws.dice.sample(sorted(KEYS), laws.dice.choice([1, 2, 3])))


BODIES = [getattr(nodes, name.strip()) for name in nodes.Body.strip("() \n").split("|")]
"""Every body of the vocabulary."""
_DAY_FEATURES = [name for name, feature in FEATURES.items() if feature.type == "day"]
_FIELDS: dict[tuple[str, str], Callable[[Laws], Any]] = {
    ("Clause", "when"): lambda laws: laws.condition() if laws.dice.random() < 0.6 else nodes.All(),
    ("Clause", "unless"): lambda laws: nodes.Any((laws.condition(1),) if laws.dice.random() < 0.3 else ()),
    ("Clause", "body"): lambda laws: laws.node(laws.dice.choice(BODIES)),
    ("", "condition"): lambda laws: laws.condition(),
    ("", "opens"): _number(0, 360, 480, 540),
    ("", "closes"): _number(1200, 1260, 1320, 1440),
    ("", "whole"): _one_of(True, False),
    ("", "zones"): _one_of(True, False),
    ("", "clause_widens"): _one_of(True, False),
    ("", "count"): _one_of(*COUNTS),
    ("", "limit"): lambda laws: laws.dice.choice([None, laws.number(0, 1, 2, 3, 6), laws.number(1, 3)]),
    ("", "agreed"): _one_of(None, *AGREED),
    ("", "higher_counts"): _one_of(True, False),
    ("", "min_seconds"): _number(0, 6),
    ("Clause", "breach"): _one_of("forbid", "forbid", "forbid", *nodes.BREACHES),
    ("", "edges"): _one_of("half_open", *nodes.EDGES),
    ("", "minutes"): lambda laws: laws.dice.choice([None, None, laws.number(60, 1440)]),
    ("", "per"): lambda laws: laws.dice.choice([nodes.PERSON_OF_LENDER, _some_keys(laws)]),
    ("", "consent_days"): lambda laws: laws.dice.choice([0, 0, 7]),
    ("Cap", "days"): _number(1, 1, 2, 7),
    ("After", "days"): _number(0, 1, 3),
    ("Cooldown", "days"): _number(1, 7, 8),
    ("Gate", "attempts"): _number(1, 3),
    ("Gate", "days"): _number(1, 2),
    ("", "same_day"): _one_of(True, False),
    ("", "spacing_minutes"): _number(0, 30),
    ("", "other_points"): _one_of(True, False),
    ("", "contract"): _one_of("opens", "needed", "ignored"),
    ("", "opens_at"): _number(0, 480),
    ("", "feature"): _one_of(*_DAY_FEATURES),
    ("Fresh", "days"): _number(1, 31, 365, 366),
    ("", "anniversary"): _one_of(True, False),
    ("", "do"): _one_of(*OBLIGATIONS),
    ("Duty", "do"): _one_of(*nodes.DUTIES),
    ("", "occasion"): _one_of(*nodes.OCCASIONS),
    ("", "within"): _number(1),
    ("", "period"): _one_of(*nodes.PERIODS),
    ("", "before"): _one_of(True, False),
    ("", "by"): _one_of(*nodes.ACTORS),
    ("", "record"): _one_of(*nodes.RECORDS),
    ("", "most"): _one_of(True, False),
    ("", "keeper"): _one_of(None, *nodes.KEEPERS),
}
_PACKS: list[Pack] = []
_ARTICLE: Article = None  # type: ignore[assignment]  # set by `learn`


def learn(packs: list[Pack]) -> None:
    """Take the published packs: the ids that reviews may name, and the frame of a generated one."""
    global _ARTICLE  # noqa: PLW0603 - one table of the module, filled once
    if not _PACKS:
        _PACKS.extend(packs)
        _ARTICLE = packs[0].articles[0]
