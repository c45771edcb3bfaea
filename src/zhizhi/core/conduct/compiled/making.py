"""Frozen values made at the price of plain ones.

A frozen dataclass sets each field through `object.__setattr__`, which costs four times a plain assignment; a decision
has some forty fields with its parts. A twin with the same slots, but not frozen, is filled, and then becomes the value.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, field, fields, make_dataclass
from typing import Any, TypeVar

from zhizhi.core.conduct.decision import Budget, Decision, Reason
from zhizhi.core.law.evaluate import Outcome, Spent

Made = TypeVar("Made")


def quickly(kind: type[Made]) -> Callable[..., Made]:
    """A maker of values of a frozen, slotted dataclass that does nothing after its fields are set."""
    assert not hasattr(kind, "__post_init__"), "nothing is left out that the class would do"
    parts = fields(kind)  # type: ignore[arg-type]  # a dataclass
    twin = make_dataclass(f"{kind.__name__}Twin", [(one.name, Any, _default(one)) for one in parts], slots=True)

    def make(*values: object) -> Made:
        one: Any = twin(*values)
        one.__class__ = kind
        return one  # type: ignore[no-any-return]  # which it has become

    return make


def _default(part: "Field[Any]") -> Any:
    if part.default is not MISSING:
        return field(default=part.default)
    assert part.default_factory is MISSING, "no value is made anew for each"
    return field()


new_budget, new_decision, new_reason = quickly(Budget), quickly(Decision), quickly(Reason)
new_outcome, new_spent = quickly(Outcome), quickly(Spent)
