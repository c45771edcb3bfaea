"""Letters: the day of the latest one about the same credit product, and of the latest that may be about it."""

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.clock import DAY_US
from zhizhi.batch.debts import named_debts, none_due
from zhizhi.batch.history import hits
from zhizhi.batch.joins import attach
from zhizhi.batch.tables import Table
from zhizhi.batch.truth import any_of, surely


def with_letters(scene: Scene, rows: Table, asked: Table, near: Table, concerned: list[str], days: int) -> Table:
    """Proposals with `letter_day` and `maybe_letter_day`, for those of `asked` that a cooldown may concern."""
    events = near.filter((near.e_channel == "letter") & (near.purpose.fill_null("") != "serve"))
    pairs = hits(scene, asked.filter(any_of(asked[name] for name in concerned)), events, days * DAY_US)
    pairs = pairs.filter(~(surely(pairs.purpose == "remind") & none_due(pairs)))
    pairs = pairs.select("proposal", "person", "event", "event_debts", "many", day=scene.clock(pairs).day(pairs.e_us))
    pairs = attach(pairs, _products(scene, asked, pairs), ["proposal", "event"])
    same = ~pairs.many | surely(pairs.same)
    maybe = pairs.many & ~surely(pairs.same) & surely(pairs.maybe)
    found = pairs.group_by("proposal").agg(
        letter_day=pairs.day.max(where=same), maybe_letter_day=pairs.day.max(where=maybe)
    )
    return attach(rows, scene.plan.step("letters", found))


def _products(scene: Scene, rows: Table, pairs: Table) -> Table:
    """Whether a letter was about the same product as the contact: some pair of debts is the same, or may be.

    Boundary: the same debt is the same product, whatever it is called; two debts of unknown product may be.
    """
    mine = named_debts(scene, rows)
    mine = mine.filter(mine.named).select("proposal", "debt", "lender", "product")
    theirs = pairs.filter(pairs.many).select("proposal", "person", "event", "event_debts")
    debts = scene.several.select("person", o_debt="debt", o_lender="lender", o_product="product")
    theirs = theirs.inner_join(debts, "person")
    theirs = theirs.filter(theirs.event_debts.isnull() | theirs.event_debts.contains(theirs.o_debt))
    both = mine.inner_join(theirs, "proposal")
    same = ibis.cases(
        (both.debt == both.o_debt, True), (both.lender != both.o_lender, False), else_=both["product"] == both.o_product
    )
    both = both.mutate(same=same)
    return both.group_by("proposal", "event").agg(same=surely(both.same).any(), maybe=both.same.isnull().any())
