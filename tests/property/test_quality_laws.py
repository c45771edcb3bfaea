"""Human quality inspection: what the draw promises whatever the contacts are, and what agreement means."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import zhizhi
from zhizhi.core.quality.agreement import agreement
from zhizhi.core.quality.marks import FULL, HOUSE, MARKS, Severity, score_of, severity_of
from zhizhi.core.quality.sample import HOUSE_PLAN, RANDOM, Candidate, Plan, draw, rank, reviewers_of

SEEDS = st.sampled_from([b"monday", b"tuesday"])
STRATA = st.tuples(
    st.tuples(st.just("collector"), st.sampled_from("abcde")),
    st.tuples(st.just("channel"), st.sampled_from(["voice", "sms"])),
    st.tuples(st.just("complaint"), st.sampled_from(["no", "yes"])),
)
CONTACTS = st.dictionaries(st.integers(0, 500).map(str), st.tuples(SEEDS, STRATA), max_size=60).map(
    lambda found: [Candidate(name, seed, strata) for name, (seed, strata) in found.items()]
)
PLANS = st.builds(
    Plan,
    share=st.integers(0, 1000),
    floors=st.dictionaries(st.sampled_from(["collector", "channel", "complaint"]), st.integers(0, 6)),
    blind=st.integers(0, 1000),
)


def names(contacts: list[Candidate], plan: Plan) -> set[str]:
    return {one.name for one in draw(contacts, plan)}


@given(CONTACTS, PLANS)
def test_the_floor_of_every_stratum_is_met_or_the_whole_of_it_is_drawn(contacts: list[Candidate], plan: Plan) -> None:
    drawn = names(contacts, plan)
    there = Counter(stratum for one in contacts for stratum in one.strata)
    taken = Counter(stratum for one in contacts if one.name in drawn for stratum in one.strata)
    for stratum, many in there.items():
        assert taken[stratum] >= min(many, plan.floors.get(stratum[0], 0))


@given(CONTACTS, PLANS)
def test_the_share_is_met_by_the_random_part_alone(contacts: list[Candidate], plan: Plan) -> None:
    at_random = [one for one in draw(contacts, plan) if RANDOM in one.because]
    assert len(at_random) * 1000 >= len(contacts) * plan.share > (len(at_random) - 1) * 1000 or not contacts


@given(CONTACTS, PLANS, st.randoms(use_true_random=False))
def test_anybody_draws_the_same_again_in_whatever_order_the_contacts_come(
    contacts: list[Candidate], plan: Plan, random: object
) -> None:
    shuffled = list(contacts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's own, which can be drawn again
    assert draw(shuffled, plan) == draw(contacts, plan)


@given(CONTACTS, PLANS)
def test_every_contact_that_was_drawn_says_why_and_nothing_else_was(contacts: list[Candidate], plan: Plan) -> None:
    for one in draw(contacts, plan):
        strata = {
            f"{dimension}:{value}" for found in contacts if found.name == one.name for dimension, value in found.strata
        }
        assert one.because
        assert set(one.because) <= strata | {RANDOM}


@given(CONTACTS, PLANS, st.integers(501, 900).map(str), SEEDS, STRATA)
def test_another_contact_never_makes_those_be_drawn_that_rank_behind(
    contacts: list[Candidate], plan: Plan, name: str, seed: bytes, strata: tuple[tuple[str, str], ...]
) -> None:
    """Nobody steers: who adds a contact moves no rank, and can at most push others out of its own strata."""
    added = Candidate(name, seed, strata)
    floors_only = Plan(0, plan.floors, 0)
    before, after = names(contacts, floors_only), names([*contacts, added], floors_only)
    untouched = {one.name for one in contacts if not set(one.strata) & set(strata)}
    assert before & untouched == after & untouched
    assert after - {name} <= before


@given(CONTACTS, st.integers(0, 1000), st.integers(0, 1000))
def test_a_larger_share_only_adds(contacts: list[Candidate], one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert names(contacts, Plan(less, {}, 0)) <= names(contacts, Plan(more, {}, 0))


@given(CONTACTS)
def test_a_rank_is_of_its_seed_and_name_alone(contacts: list[Candidate]) -> None:
    assert len({rank(one) for one in contacts}) == len({(one.seed, one.name) for one in contacts})
    assert all(rank(one) == rank(Candidate(one.name, one.seed, ())) for one in contacts)


@given(CONTACTS, PLANS, st.lists(st.integers(1, 9), unique=True, max_size=5))
def test_two_different_reviewers_look_at_what_is_blind_and_one_at_the_rest(
    contacts: list[Candidate], plan: Plan, reviewers: list[int]
) -> None:
    drawn = draw(contacts, plan)
    assert sum(one.is_blind for one in drawn) == -(-len(drawn) * plan.blind // 1000)
    for one in drawn:
        chosen = reviewers_of(one, b"monday", reviewers)
        assert len(set(chosen)) == len(chosen) == min(len(reviewers), 2 if one.is_blind else 1)
        assert chosen == reviewers_of(one, b"monday", reviewers[::-1])


def test_the_plan_of_the_house_looks_at_each_dimension() -> None:
    assert set(HOUSE_PLAN.floors) == {"collector", "agency", "channel", "outcome", "complaint", "risk"}
    assert min(HOUSE_PLAN.floors.values()) > 0


VERDICTS = st.sampled_from([one.value for one in Severity])


@given(st.lists(st.tuples(VERDICTS, VERDICTS), max_size=40))
def test_kappa_is_at_most_one_and_one_for_the_like_minded_alone(pairs: list[tuple[str, str]]) -> None:
    found = agreement(pairs)
    if found.kappa is not None:
        assert found.kappa <= 1
        assert (found.kappa == 1) == (found.equal == found.pairs)
    assert agreement([(second, first) for first, second in pairs]) == found


def test_kappa_as_it_is_worked_out_by_hand() -> None:
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    assert agreement(pairs).kappa == Fraction(2, 5)
    assert agreement([("a", "a")]).kappa is None
    assert agreement([]).pairs == 0


@given(st.lists(st.sampled_from(sorted(MARKS))), st.sampled_from(sorted(MARKS)))
def test_another_mark_never_raises_the_score_nor_lightens_the_verdict(codes: list[str], more: str) -> None:
    order = list(Severity)
    assert score_of([*codes, more]) <= score_of(codes)
    assert order.index(severity_of([*codes, more])) >= order.index(severity_of(codes))
    assert (severity_of(codes) is Severity.RED_LINE) <= (score_of(codes) == 0)
    assert (score_of(codes) == FULL) == (not codes)


def test_every_mark_rests_on_a_row_that_is_there_or_on_the_house() -> None:
    rows = {path.stem for path in (Path(zhizhi.__file__).parent / "packs").rglob("articles/*.md")}
    assert {row for mark in MARKS.values() for row in mark.rows} - rows == {HOUSE}
