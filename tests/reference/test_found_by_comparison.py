"""What comparing the readings of the law has found wrong, in either of them; each with the seed that showed it."""

from datetime import datetime

import pytest

from law.contacts import BANK, contact, said
from reference.test_compiled_decision import made, plain
from zhizhi.core.conduct.case import Case, parse_case
from zhizhi.core.conduct.compiled import Compiled
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision, Verdict
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import All, Any, Clause, Forbid, Gate, Is
from zhizhi.store.packs import load_law


def both(case: Case, law: Law) -> tuple[Decision, Decision]:
    return decide(case, law), Compiled(law).decide(case)


def test_an_agreement_that_may_only_narrow_lifts_no_cap_that_shares_its_count() -> None:
    """Seed 8, in the reference: a record kept counts without their limit, so that the number of an agreement which
    others heard, worked out for a rule without a limit, replaced the limit of the next rule with the same count."""
    heard_by_others = said("agree_frequency", per_day=60, told="A9")
    document = contact(BANK, "text", statements=[heard_by_others])
    wanted, got = both(parse_case(document), load_law(BANK))
    assert got == wanted
    limits = {budget.rule.rpartition("/")[2]: budget.limit for budget in wanted.budgets}
    assert limits["dials-per-day"] == 6


def test_a_law_whose_only_rule_is_always_lifted_has_a_programme_that_says_nothing() -> None:
    """Seed 1057, in the compiler: a function of a comment alone is no Python, and every contact was referred."""
    law = made(Clause(All(), Is("contact.robot", frozenset({True, False})), Forbid(All())))
    assert Compiled(law).answer(plain()).verdict is Verdict.PERMIT
    wanted, got = both(plain(), law)
    assert got == wanted


@pytest.mark.parametrize("attempts", [0, 1])
def test_a_gate_of_no_attempts_permits_nobody_by_accident(attempts: int) -> None:
    """Seed 5, in the reference: a gate after no attempt at all looks for the attempt before the first, and fails."""
    gate = Gate(attempts=attempts, days=1)
    law = made(Clause(All(), Any(), gate))
    wanted, got = both(parse_case(contact(BANK, party="c1", point="mc1", purpose="locate")), law)
    assert got == wanted
    assert wanted.verdict is not Verdict.PERMIT


def test_a_collector_whose_training_is_arranged_may_call_when_its_day_has_come() -> None:
    """Batch seed 700002, in the reference: the day of a training to come was no instant at which facts change, so that
    a contact was found free only where something else changed after it, and never where nothing did."""
    trained = {"id": "u1", "trained_on": "2026-03-04", "private_device": False}
    document = contact(BANK, collector={"kind": "lender", "id": "L1", "person": trained})
    wanted, got = both(parse_case(document), load_law(BANK))
    assert got == wanted
    assert wanted.next_permitted_at == datetime.fromisoformat("2026-03-04T08:00:00+08:00")
