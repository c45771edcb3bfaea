"""Formulas of the solver against the reference evaluator: a small fixed run; `make nightly` does the long one."""

from reference.formulas import compare

SEEDS = range(1, 4)


def test_every_formula_says_what_the_reference_says_and_every_axiom_holds() -> None:
    runs = [compare(seed) for seed in SEEDS]
    assert not [line for run in runs for line in run.differences]
    assert sum(run.comparisons for run in runs) > 1_000
    kinds = runs[0].kinds + runs[2].kinds
    assert min(kinds[kind] for kind in ("permit", "forbid", "hold", "presumed_violation")) > 0
