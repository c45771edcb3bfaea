"""A programme: the rules of one day that may speak about contacts of one shape, as two plain Python functions.

`timeless(glance, heard)` holds the rules whose facts are the same at every instant; `timed(glance, at, day, heard)` the
others. A rule that cannot speak about the shape is not in either. The text is kept, and can be read (`text`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, cast

from zhizhi.core.conduct.compiled import clocks, measures
from zhizhi.core.conduct.compiled.glance import Glance
from zhizhi.core.conduct.compiled.lines import Heard, Line
from zhizhi.core.conduct.compiled.ways import CALLED, PRELUDE, Shape, known_of, way_of
from zhizhi.core.kernel.days import add_years
from zhizhi.core.law.compiled import FALSE, TRUE, NotCompiled, Writing, settle
from zhizhi.core.law.nodes import (
    SILENT,
    After,
    Avoid,
    Cap,
    Condition,
    Cooldown,
    Forbid,
    Fresh,
    Gate,
    Hold,
    Not,
    Oblige,
    Require,
    Window,
    features_of,
)

_NOT_IN_A_COMMENT = re.compile(r"[^\w./-]")

MEASURED: Mapping[type, Callable[..., None]] = {
    Window: clocks.window,
    Avoid: clocks.avoid,
    Cap: measures.cap,
    Cooldown: measures.measured,
    After: measures.measured,
    Gate: measures.gate,
}
"""Bodies that are measured on the history or the clock, and who measures them."""
_SHARED = (Window, Avoid)
"""Bodies of which several rules are measured at once: they draw on no budget, so that their order does not matter."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The two functions of a shape, and their text.

    `steady_windows`: hours that bar every contact of the shape outside them, where every other rule says the same all
    day as long as no fact changes; empty where some rule may not.
    """

    timeless: Callable[[Glance, Heard], None]
    timed: Callable[[Glance, datetime, date, Heard], None]
    text: str
    steady_windows: tuple[Window, ...] = ()


def write_programme(lines: Iterable[Line], shape: Shape) -> Programme:
    """Compile the rules of a day for one shape. Refuses: a node that the compiler does not know (NotCompiled)."""
    names: dict[str, object] = dict(CALLED)
    writer = _Writer(shape, names)
    for line in lines:
        writer.write(line)
    text = writer.text()
    exec(compile(text, "<law>", "exec"), names)  # noqa: S102 - the text is our own; values stand beside it, never in it
    return Programme(cast("Any", names["timeless"]), cast("Any", names["timed"]), text, writer.steady_windows())


class _Function:
    """One function while it is written."""

    def __init__(self, head: str, shape: Shape, names: dict[str, object]) -> None:
        self.head = head
        self.writing = Writing(partial(way_of, shape=shape), names)
        self.lines: list[str] = []

    def text(self) -> str:
        """The function: local names first, then one statement a rule."""
        body = [f"{local} = {expression}" for local, expression in self.writing.hoisted.items()] + self.lines
        used = set(re.findall(r"\w+", "\n".join(body)))
        prelude = [f"{name} = {expression}" for name, expression in PRELUDE.items() if name in used]
        return "\n    ".join([self.head, *prelude, *(body or ["pass"])]) + "\n"


class _Writer:
    """Writes the rules of a shape into its two functions."""

    def __init__(self, shape: Shape, names: dict[str, object]) -> None:
        self._shape = shape
        self._known = known_of(shape)
        self._windows: list[Window] = []
        self._is_steady = True
        self._together: dict[tuple[object, ...], list[Line]] = {}
        names |= {"add_years": add_years, "asked": measures.asked}
        self._timeless = _Function("def timeless(glance, heard):", shape, names)
        self._timed = _Function("def timed(glance, at, day, heard):", shape, names)
        self._timeless.lines.append("at = proposed.at")

    def text(self) -> str:
        """Both functions."""
        return f"{self._timeless.text()}\n\n{self._timed.text()}"

    def steady_windows(self) -> tuple[Window, ...]:
        """See `Programme`. A feature that the record answers may follow the clock."""
        follows_clock = any("value(" in line for line in self._timed.lines)
        return () if follows_clock or not self._is_steady else tuple(self._windows)

    def write(self, line: Line) -> None:
        """One rule, unless it has nothing to say about the shape."""
        clause = line.bound.clause
        body = clause.body
        when, unless = settle(clause.when, self._known), settle(clause.unless, self._known)
        if isinstance(body, SILENT) or when == FALSE or unless == TRUE:
            return
        if clause.breach != "forbid":
            self._write_asked(line, when, unless)
        elif isinstance(body, Forbid | Require | Hold):
            self._write_stated(line, body, when, unless)
        elif isinstance(body, Fresh):
            self._write_fresh(line, body, when, unless)
        elif isinstance(body, Oblige):
            into = self._into(when, unless)
            tests = self._conjunction([self._holds(into, when), self._fails(into, unless)])
            name = into.writing.constant((line.place, line.obligation), "duty")
            self._say(into, line, tests, [f"heard.obligations.append({name})"])
        elif type(body) in MEASURED:
            self._write_measured(line, when, unless)
        else:
            raise NotCompiled(f"no body that is compiled: {type(body).__name__}")

    def _write_stated(self, line: Line, body: Forbid | Require | Hold, when: Condition, unless: Condition) -> None:
        inner = settle(body.condition, self._known)
        broken = settle(Not(inner), self._known) if isinstance(body, Require) else inner
        if broken == FALSE:
            return
        into = self._into(when, unless, broken)
        surely = [self._holds(into, when), self._fails(into, unless), self._holds(into, broken)]
        name = into.writing.constant(line.holds if isinstance(body, Hold) else line.forbids, "said")
        if all(into.writing.is_sure(part) for part in (when, unless, broken)):
            self._say(into, line, self._conjunction(surely), [f"heard.blockers.append({name})"])
            return
        perhaps = [
            self._not(self._fails(into, when)), self._not(self._holds(into, unless)),
            self._not(self._fails(into, broken)),
        ]  # fmt: skip
        self._say(into, line, self._conjunction(perhaps), [
            f"if {self._conjunction(surely)}: heard.blockers.append({name})",
            f"else: asked({into.writing.constant(line, 'line')}, glance, at, heard)",
        ])  # fmt: skip

    def _write_fresh(self, line: Line, body: Fresh, when: Condition, unless: Condition) -> None:
        into = self._timed
        assert isinstance(body.days, int), "numbers are filled in before a rule is compiled"
        on = into.writing.feature(body.feature)
        span = "add_years({0}, 1)" if body.anniversary else f"{{0}} + {into.writing.constant(timedelta(body.days))}"
        fresh = f"({on} is not None and {on} <= day <= {span.format(on)})"
        surely = [self._holds(into, when), self._fails(into, unless), f"{on} is not None"]
        perhaps = [self._not(self._fails(into, when)), self._not(self._holds(into, unless)), self._not(fresh)]
        name = into.writing.constant(line.forbids, "said")
        self._say(into, line, self._conjunction(perhaps), [
            f"if {self._conjunction(surely)}: heard.blockers.append({name})",
            f"else: asked({into.writing.constant(line, 'line')}, glance, at, heard)",
        ])  # fmt: skip

    def _write_measured(self, line: Line, when: Condition, unless: Condition) -> None:
        into = self._timed
        body = line.bound.clause.body
        self._note_clock(body, when, unless)
        key = (body, when, unless) if isinstance(body, _SHARED) else (line.place,)
        lines = self._together.setdefault(key, [])
        lines.append(line)
        if len(lines) > 1:
            return
        measure = MEASURED[type(body)]
        if isinstance(body, Cap):
            if body.limit is None and not self._shape[6]:
                return  # a number that only an agreement sets, and nobody said anything
            measure = measure if measures.is_counted_here(body) else measures.measured
        perhaps = [self._not(self._fails(into, when)), self._not(self._holds(into, unless))]
        surely = self._conjunction([self._holds(into, when), self._fails(into, unless)])
        arguments = f"{into.writing.constant(lines, 'lines')}, {surely}, glance, at, day, heard"
        self._say(into, line, self._conjunction(perhaps), [
            f"{into.writing.constant(measure, measure.__name__)}({arguments})",
        ])  # fmt: skip

    def _note_clock(self, body: object, when: Condition, unless: Condition) -> None:
        if isinstance(body, Window):
            if when == TRUE and unless == FALSE and clocks.is_plain(body):
                self._windows.append(body)
        elif not isinstance(body, Avoid | Cap | Cooldown) or (isinstance(body, Cap) and body.minutes is not None):
            self._is_steady = False

    def _write_asked(self, line: Line, when: Condition, unless: Condition) -> None:
        """A rule whose breach is less than a prohibition: the reference says what it comes to, where it may apply."""
        into = self._timed
        self._is_steady = False
        perhaps = [self._not(self._fails(into, when)), self._not(self._holds(into, unless))]
        self._say(into, line, self._conjunction(perhaps), [
            f"asked({into.writing.constant(line, 'line')}, glance, at, heard)",
        ])  # fmt: skip

    def _into(self, *conditions: Condition) -> _Function:
        features = {name for condition in conditions for name in features_of(condition)}
        return self._timeless if all(way_of(name, self._shape).timeless for name in features) else self._timed

    def _say(self, into: _Function, line: Line, test: str, statements: list[str]) -> None:
        if test == "False":
            return
        into.lines.append(f"# {_NOT_IN_A_COMMENT.sub('?', line.rule.id)}")
        if test == "True":
            into.lines.extend(statements)
        else:
            into.lines.append(f"if {test}:")
            into.lines.extend(f"    {statement}" for statement in statements)

    @staticmethod
    def _holds(into: _Function, condition: Condition) -> str:
        return into.writing.holds(condition)

    @staticmethod
    def _fails(into: _Function, condition: Condition) -> str:
        return into.writing.fails(condition)

    @staticmethod
    def _not(test: str) -> str:
        return {"True": "False", "False": "True"}.get(test, f"not {test}")

    @staticmethod
    def _conjunction(tests: list[str]) -> str:
        if "False" in tests:
            return "False"
        return " and ".join(test for test in tests if test != "True") or "True"
