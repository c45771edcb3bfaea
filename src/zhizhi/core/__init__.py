"""Pure core: values in, values out. The names below are the library; each is imported when it is first asked for.

What they do, with an example that a test runs: docs/reference/core.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhizhi.core.conduct.ahead import Span, ahead
    from zhizhi.core.conduct.case import Case, CaseError, parse_case
    from zhizhi.core.conduct.compiled import compile_law, decide_compiled
    from zhizhi.core.conduct.decide import decide
    from zhizhi.core.conduct.decision import Decision, HoldFor, Reason, Verdict
    from zhizhi.core.conduct.plan import Plan, Prevented, parse_plan, plan
    from zhizhi.core.conduct.trace import Trace, trace
    from zhizhi.core.debt.solve import solve
    from zhizhi.core.kernel.text import Text
    from zhizhi.core.law.duties import due_of, duties_of, retention_of
    from zhizhi.core.law.errors import PackError
    from zhizhi.core.law.law import Law
    from zhizhi.core.law.pack import Pack
    from zhizhi.core.law.pack_files import parse_pack

_HOMES = {
    "Case": "conduct.case",
    "CaseError": "conduct.case",
    "Decision": "conduct.decision",
    "HoldFor": "conduct.decision",
    "Law": "law.law",
    "Pack": "law.pack",
    "PackError": "law.errors",
    "Plan": "conduct.plan",
    "Prevented": "conduct.plan",
    "Reason": "conduct.decision",
    "Span": "conduct.ahead",
    "Text": "kernel.text",
    "Trace": "conduct.trace",
    "Verdict": "conduct.decision",
    "ahead": "conduct.ahead",
    "compile_law": "conduct.compiled",
    "decide": "conduct.decide",
    "decide_compiled": "conduct.compiled",
    "due_of": "law.duties",
    "duties_of": "law.duties",
    "parse_case": "conduct.case",
    "parse_pack": "law.pack_files",
    "parse_plan": "conduct.plan",
    "plan": "conduct.plan",
    "retention_of": "law.duties",
    "solve": "debt.solve",
    "trace": "conduct.trace",
}
"""Where each name lives below this package."""

__all__ = [
    "Case",
    "CaseError",
    "Decision",
    "HoldFor",
    "Law",
    "Pack",
    "PackError",
    "Plan",
    "Prevented",
    "Reason",
    "Span",
    "Text",
    "Trace",
    "Verdict",
    "ahead",
    "compile_law",
    "decide",
    "decide_compiled",
    "due_of",
    "duties_of",
    "parse_case",
    "parse_pack",
    "parse_plan",
    "plan",
    "retention_of",
    "solve",
    "trace",
]


def __getattr__(name: str) -> object:
    """A public name, from the module where it lives."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module `zhizhi.core` has no `{name}`")
    found: object = getattr(import_module(f"zhizhi.core.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
