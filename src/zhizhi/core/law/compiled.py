"""Conditions as Python: what is known is filled in, and what is left becomes two plain expressions.

A condition has three values, and Python's `and` and `or` have two. So each condition is written twice: an expression
that is true exactly where the condition holds, and one that is true exactly where it fails; unknown is neither.
Generated text holds names only. Every value of a rule (words, numbers, sets) is handed over beside the text, under a
name that this module chose, so that no pack can write code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.features import Value
from zhizhi.core.law.nodes import All, Any, AtLeast, Condition, Is, Not

TRUE, FALSE = All(), Any()


class NotCompiled(TypeError):
    """A node that the compiler does not know. Nothing is decided by a law that is read in part."""


@dataclass(frozen=True, slots=True)
class Way:
    """How generated text reads a feature.

    `sure`: never unknown. `timeless`: the same at every instant. `hoisted`: read once into a local name, at the top.
    """

    expression: str
    sure: bool = False
    timeless: bool = False
    hoisted: bool = True


def settle(condition: Condition, known: Mapping[str, Value]) -> Condition:
    """The condition with the features that are known filled in; `TRUE` or `FALSE` where nothing is left to ask."""
    if isinstance(condition, Is):
        return _settle_is(condition, known)
    if isinstance(condition, AtLeast):
        number = known.get(condition.feature)
        if number is None:
            return condition
        assert isinstance(condition.number, int), "numbers are filled in before a rule is compiled"
        return TRUE if number >= condition.number else FALSE  # type: ignore[operator]  # an integer feature
    if isinstance(condition, Not):
        inner = settle(condition.condition, known)
        return FALSE if inner == TRUE else TRUE if inner == FALSE else Not(inner)
    if isinstance(condition, All):
        parts = tuple(part for one in condition.conditions if (part := settle(one, known)) != TRUE)
        return FALSE if FALSE in parts else parts[0] if len(parts) == 1 else All(parts)
    if isinstance(condition, Any):
        parts = tuple(part for one in condition.conditions if (part := settle(one, known)) != FALSE)
        return TRUE if TRUE in parts else parts[0] if len(parts) == 1 else Any(parts)
    raise NotCompiled(f"no condition that is compiled: {type(condition).__name__}")


def _settle_is(condition: Is, known: Mapping[str, Value]) -> Condition:
    value = known.get(condition.feature)
    if value is None:
        return condition
    if isinstance(value, frozenset):
        return FALSE if condition.values.isdisjoint(value) else TRUE
    return TRUE if value in condition.values else FALSE


class Writing:
    """The text of one generated function: the features that it reads and the values that it is handed."""

    def __init__(self, way_of: Callable[[str], Way], names: dict[str, object]) -> None:
        self._way_of = way_of
        self._names = names
        self._named: dict[tuple[str, int], str] = {}
        self.hoisted: dict[str, str] = {}

    def constant(self, value: object, prefix: str = "k") -> str:
        """The name under which the text finds a value."""
        key = (prefix, id(value))
        name = self._named.get(key)
        if name is None:
            name = self._named[key] = f"{prefix}{len(self._names)}"
            self._names[name] = value  # which keeps the value, so that its identity is not used again
        return name

    def feature(self, name: str) -> str:
        """The expression that reads a feature."""
        way = self._way_of(name)
        if not way.hoisted:
            return way.expression.replace("NAME", self.constant(name))
        local = "f_" + name.replace(".", "_")
        self.hoisted[local] = way.expression
        return local

    def holds(self, condition: Condition) -> str:
        """An expression that is true exactly where the condition is known to hold."""
        return self._is_known(condition, wanted=True)

    def fails(self, condition: Condition) -> str:
        """An expression that is true exactly where the condition is known to fail."""
        return self._is_known(condition, wanted=False)

    def is_sure(self, condition: Condition) -> bool:
        """Whether the condition is never unknown, so that it fails where it does not hold."""
        if isinstance(condition, Is | AtLeast):
            return self._way_of(condition.feature).sure
        if isinstance(condition, Not):
            return self.is_sure(condition.condition)
        return all(self.is_sure(part) for part in condition.conditions)

    def _is_known(self, condition: Condition, *, wanted: bool) -> str:
        if isinstance(condition, Not):
            return self._is_known(condition.condition, wanted=not wanted)
        if isinstance(condition, Is):
            return self._is(condition, wanted=wanted)
        if isinstance(condition, AtLeast):
            value, number = self.feature(condition.feature), self.constant(condition.number)
            return f"({value} is not None and {value} {'>=' if wanted else '<'} {number})"
        if isinstance(condition, All | Any):
            parts = [self._is_known(part, wanted=wanted) for part in condition.conditions]
            word, empty = (" and ", "True") if isinstance(condition, All) is wanted else (" or ", "False")
            return f"({word.join(parts)})" if parts else empty
        raise NotCompiled(f"no condition that is compiled: {type(condition).__name__}")

    def _is(self, condition: Is, *, wanted: bool) -> str:
        kind, way = FEATURES[condition.feature].type, self._way_of(condition.feature)
        value = self.feature(condition.feature)
        if kind == "flag":
            return self._flag(value, condition.values, wanted=wanted)
        known = "" if way.sure else f"{value} is not None and "
        if kind == "set":
            return f"({known}{'not ' if wanted else ''}{self.constant(condition.values)}.isdisjoint({value}))"
        if len(condition.values) == 1:
            same, word = "==" if wanted else "!=", self.constant(next(iter(condition.values)))
        else:
            same, word = "in" if wanted else "not in", self.constant(condition.values)
        return f"({known if not wanted else ''}{value} {same} {word})"

    def _flag(self, value: str, values: frozenset[str | bool], *, wanted: bool) -> str:
        meant = values if wanted else frozenset({True, False}) - values
        if not meant:
            return "False"
        return f"({value} is not None)" if len(meant) == 2 else f"({value} is {next(iter(meant))})"
