"""The compiled reading of one decision: the answer of `core/conduct/decide.py`, which judges it, many times sooner."""

from zhizhi.core.conduct.compiled.decide import Compiled, compile_law, decide_compiled

__all__ = ["Compiled", "compile_law", "decide_compiled"]
