"""Callbacks: whether a contact lies in the span of one that the party asked for and that was not made yet."""

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.clock import DAY_US
from zhizhi.batch.history import CALLS, NEVER, OF_PROPOSAL, PERHAPS, SURE, UNANSWERED, hits, ours
from zhizhi.batch.joins import attach
from zhizhi.batch.said import is_by_party, standing
from zhizhi.batch.tables import Table
from zhizhi.batch.truth import column_of, surely

_REACH_US = 200 * 366 * DAY_US
"""The past has no end here: a callback may have been asked for long ago."""


def with_callbacks(scene: Scene, rows: Table, pairs: Table) -> Table:
    """Proposals with `callback.requested` and `callback.timed`."""
    strict = scene.demand.reading == "strict"
    calls_back = rows.filter((rows.channel == "voice") & (rows.purpose == "answer_request"))
    said = pairs.filter((pairs.kind == "request_callback") & (pairs.channel == "voice"))
    said = standing(said.filter((said.purpose == "answer_request") & is_by_party(said)))
    clock = scene.clock(said)
    start = said.from_us.coalesce(said.since_us)
    said = said.mutate(starts_us=start, ends_us=said.own_until_us.coalesce(clock.wall(clock.day(start), 24 * 60)))
    fits = (said.starts_us <= said.at_us) & (said.at_us < said.ends_us)
    if strict:
        fits = fits & (said.at_us + said.length_us <= said.ends_us)
    here = said.said_point.isnull() | surely(said.said_point == said.point)
    said = said.filter(fits & here).select(
        "proposal", "said_seq", "starts_us", "ends_us", timed=said.from_us.notnull() & said.own_until_us.notnull()
    )
    said = scene.plan.step("callbacks", said)
    # A step of its own: an engine that knows how few these are does not go through the history of everybody.
    asking = scene.plan.step("calling_back", calls_back.semi_join(said, "proposal").select(*OF_PROPOSAL))
    said = attach(said, _used(scene, asking, said), ["proposal", "said_seq"])
    unused = ibis.cases((surely(said.made), NEVER), (surely(said.maybe_made), PERHAPS), else_=SURE)
    said = said.mutate(unused=unused)
    found = said.group_by("proposal").agg(
        requested=said.unused.max(),
        timed=said.unused.max(where=said.timed),
    )
    found = found.mutate(timed=found.timed.fill_null(NEVER))
    features = {
        column_of(f"callback.{name}"): ibis.cases((found[name] == SURE, 1), (found[name] == NEVER, 0), else_=-1)
        for name in ("requested", "timed")
    }
    rows = attach(rows, found.select("proposal", **features), fills=dict.fromkeys(features, 0))
    return rows.mutate(**{name: ibis.cases((rows[name] == 1, True), (rows[name] == 0, False)) for name in features})


def _used(scene: Scene, rows: Table, said: Table) -> Table:
    """Whether a call in the span used it up: any that did not end unanswered."""
    events = ours(scene.facts, of=rows)
    calls = hits(scene, rows, events.filter(events.e_channel.isin(CALLS)), _REACH_US)
    calls = calls.select("proposal", "e_us", "outcome").inner_join(said, "proposal")
    calls = calls.filter((calls.starts_us <= calls.e_us) & (calls.e_us < calls.ends_us))
    return calls.group_by("proposal", "said_seq").agg(
        made=surely(~calls.outcome.isin(UNANSWERED)).any(), maybe_made=calls.outcome.isnull().any()
    )
