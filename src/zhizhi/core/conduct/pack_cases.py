"""Whether a pack decides its own table cases as they say."""

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.law.house import FORCE, joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack, PackCase


def pack_case_fails(pack: Pack, case: PackCase, law: Law) -> str | None:
    """What is wrong with a table case under the law of its profile: a hit whose rule is silent, a near miss whose rule
    speaks; else None.

    Boundary: a house pack stands in no profile; its cases are decided with the pack beside the law.
    """
    try:
        parsed = parse_case(dict(case.document))
    except CaseError as wrong:
        return f"no case: {wrong}"
    decision = decide(parsed, joined(law, pack) if pack.force == FORCE else law)
    rule = next(rule for rule in pack.rules if rule.label == case.rule)
    spoke = rule.id in {*(reason.rule for reason in decision.reasons), *(one.code for one in decision.warnings)}
    if spoke == (case.expect == "hit"):
        return None
    return "the rule is silent" if case.expect == "hit" else "the rule speaks"
