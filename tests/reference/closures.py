"""The reference evaluator against the compiled decision, case by case from a seed.

One comparison is one decision: the reference's whole value, every field of it and of each of its reasons, budgets,
obligations and warnings, against the compiled one. A seed is one law (a published profile, or a generated one), and
contacts of generated cases under it.
"""

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

from reference import generated
from zhizhi.core.conduct.case import Case, CaseError, parse_case
from zhizhi.core.conduct.compiled.decide import Compiled, NotAnswered, compile_law
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision
from zhizhi.core.law.law import Law
from zhizhi.store.packs import list_profiles, load_law, release_contents

CASES, CONTACTS = 30, 10
"""Cases of a seed, and contacts proposed in each."""


@dataclass(slots=True)
class Compared:
    """What a run of comparisons found."""

    comparisons: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, other: "Compared") -> None:
        """The sum of two runs."""
        self.comparisons += other.comparisons
        self.kinds += other.kinds
        self.differences += other.differences


def compare(seed: int, number_of_cases: int = CASES) -> Compared:
    """Every comparison of a seed."""
    dice, found = Random(seed), Compared()
    generated.learn([pack for pack, _ in release_contents()])
    profile = dice.choice(list_profiles())
    law = generated.Laws(dice).law(profile) if seed % 2 else load_law(profile)
    cases = generated.Cases(dice, profile, law.zone)
    for _ in range(number_of_cases):
        document = cases.document()
        for _ in range(CONTACTS):
            compare_document(document, law, found, f"seed {seed}")
            document = {**document, "proposed": cases.proposed()}
    return found


def compare_document(document: dict[str, Any], law: Law, found: Compared, where: str) -> None:
    """One contact under a law; a case that is refused when it is read is counted and left."""
    try:
        case = parse_case(document)
    except CaseError as refused:
        found.kinds[f"no case: {refused.code}"] += 1
        return
    difference = differing(case, law, found)
    if difference:
        found.differences.append(f"{where}, {difference}\n{json.dumps(document, ensure_ascii=False)}")


def differing(case: Case, law: Law, found: Compared) -> str | None:
    """What differs between the two decisions; None where they are one."""
    compiled = compile_law(law)
    wanted = decide(case, law)
    found.comparisons += 1
    found.kinds[wanted.verdict.value] += 1
    try:
        got = compiled.answer(case)
    except NotAnswered:
        found.kinds["referred: no law"] += 1
        got = compiled.decide(case)
    except Exception as broken:
        if not _reference_fails_too(case, law, type(broken)):
            return f"only the compiled decision fails: {broken!r}"
        found.kinds["referred: error in a rule"] += 1
        got = compiled.decide(case)
    return None if got == wanted else _first_difference(wanted, got)


def _reference_fails_too(case: Case, law: Law, kind: type[Exception]) -> bool:
    """Whether an error of a kind happens inside some rule when the reference asks it, now or at a later instant."""
    from zhizhi.core.conduct import decide as reference

    raised = []
    evaluate = reference.evaluate

    def noting(clause: Any, record: Any) -> Any:
        try:
            return evaluate(clause, record)
        except kind as broken:
            raised.append(broken)
            raise

    reference.evaluate = noting  # type: ignore[assignment]  # watched for one decision
    try:
        decide(case, law)
    finally:
        reference.evaluate = evaluate
    return bool(raised)


def _first_difference(wanted: Decision, got: Decision) -> str:
    for part in fields(Decision):
        one, other = getattr(wanted, part.name), getattr(got, part.name)
        if one != other:
            return f"{wanted.id}: `{part.name}` is {other!r}, and by the reference {one!r}"
    return f"{wanted.id}: the decisions differ in type"


__all__ = ["Compared", "Compiled", "compare", "compare_document"]
