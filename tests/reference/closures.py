"""The reference evaluator against the compiled decision, case by case from a seed.

One comparison is one decision: the reference's whole value, every field of it and of each of its reasons, budgets,
obligations and warnings, against the compiled one. A seed is one law (a published profile, or a generated one), and
contacts of generated cases under it, each at several instants. No contact of a case is counted twice.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from random import Random
from typing import Any

from reference import generated
from zhizhi.core.conduct.case import Case, CaseError, Proposed, parse_case
from zhizhi.core.conduct.compiled.decide import Compiled, NotAnswered, compile_law
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision
from zhizhi.core.law.law import Law
from zhizhi.store.packs import list_profiles, load_law, release_contents

CASES, CASES_OF_MADE, CONTACTS, INSTANTS = 160, 60, 8, 4
"""Cases of a seed under a published law and under a generated one, which is small and of which the next seed has
another; contacts proposed in each case, and instants at which each contact is proposed."""


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


def compare(seed: int, most_cases: int = CASES) -> Compared:
    """Every comparison of a seed; of so many cases at the most."""
    dice, found = Random(seed), Compared()
    generated.learn([pack for pack, _ in release_contents()])
    profile = dice.choice(list_profiles())
    is_made = seed % 2 == 1
    law = generated.Laws(dice).law(profile) if is_made else load_law(profile)
    cases = generated.Cases(dice, profile, law.zone)
    for _ in range(min(most_cases, CASES_OF_MADE if is_made else CASES)):
        document, asked = cases.document(), set[Proposed]()
        for _ in range(CONTACTS):
            compare_document(document, law, found, f"seed {seed}", cases.instants(INSTANTS - 1), asked)
            document = {**document, "proposed": cases.proposed()}
    return found


def compare_document(
    document: dict[str, Any],
    law: Law,
    found: Compared,
    where: str,
    instants: Iterable[datetime] = (),
    asked: set[Proposed] | None = None,
) -> None:
    """One contact under a law, as it is written and moved to other instants; what was `asked` before is left out.

    A case that is refused when it is read is counted and left.
    """
    try:
        written = parse_case(document)
    except CaseError as refused:
        found.kinds[f"no case: {refused.code}"] += 1
        return
    asked = set() if asked is None else asked
    for case in (written, *(moved(written, at) for at in instants)):
        if case.proposed in asked:
            continue
        asked.add(case.proposed)
        difference = differing(case, law, found)
        if difference:
            shown = json.dumps(moved_document(document, case), ensure_ascii=False)
            found.differences.append(f"{where}, {difference}\n{shown}")


def moved(case: Case, at: datetime) -> Case:
    """The same contact at another instant, as long as before."""
    proposed = case.proposed
    end = None if proposed.expected_end_at is None else at + (proposed.expected_end_at - proposed.at)
    return replace(case, proposed=replace(proposed, at=at, expected_end_at=end))


def moved_document(document: dict[str, Any], case: Case) -> dict[str, Any]:
    """The document of a case that was moved."""
    proposed = {**document["proposed"], "at": case.proposed.at.isoformat()}
    if case.proposed.expected_end_at is not None:
        proposed["expected_end_at"] = case.proposed.expected_end_at.isoformat()
    return {**document, "proposed": proposed}


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
