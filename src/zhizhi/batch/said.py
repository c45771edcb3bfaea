"""What people have said: which statements bear on a proposal, over which spans, and which stand at its instant."""

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.joins import attach, latest
from zhizhi.batch.tables import Column, Facts, Table

HAS_TO_BE_HEARD = (
    "agree_hours", "agree_frequency", "consent_calls", "consent_time", "consent_visit", "consent_entry",
    "request_callback", "offer_to_pay",
)  # fmt: skip
"""What permits something counts only where our side was told. What restricts counts whoever was told."""

AGREEMENTS = ("agree_hours", "agree_frequency")
"""One that others heard, or about only a part of the debts, can still narrow."""

_ONE_DAY = ("agree_frequency", "consent_visit")
"""Kinds whose `on` is the one day they hold on."""

_SCOPE = (
    "proposal", "kind", "narrows", "by", "said_debt", "said_point", "said_channel", "said_place", "of_party",
    "of_point",
)  # fmt: skip
"""What a later statement has to agree in to replace an earlier one."""

_OURSELVES = ibis.literal(-1, "int64")
OF_SPEAKERS = (
    "proposal", "person", "party", "point", "at_us", "day", "zone", "length_us", "channel", "purpose", "place",
    "known_place", "seq", "collector_id", "many", "mask",
)  # fmt: skip
"""What of a proposal is read beside statements, besides its party and point."""


def bearing(scene: Scene, rows: Table) -> Table:
    """One row a proposal and statement that bears on it, with its span `since_us` to `until_us`.

    `narrows`: an agreement that may restrict but permits nothing.
    """
    pairs = rows.inner_join(scene.said, "person")
    heard = ~pairs.kind.isin(HAS_TO_BE_HEARD) | pairs.told.isin(["collector", "creditor"])
    heard = heard | (pairs.told == pairs.collector_id)
    touches = pairs.said_debt.isnull() | ~pairs.many | ((pairs.mask & pairs.said_bit) != 0).fill_null(False)
    partial = pairs.kind.isin(HAS_TO_BE_HEARD) & pairs.said_debt.notnull() & pairs.many
    concerns = ibis.ifelse(partial, (pairs.mask == pairs.said_bit).fill_null(False), touches)
    pairs = pairs.mutate(narrows=pairs.kind.isin(AGREEMENTS) & ~(heard & concerns) & touches, bears=heard & concerns)
    return pairs.filter(pairs.bears | pairs.narrows).drop("bears", "collector_id", "many", "mask", "said_bit", "told")


def standing(pairs: Table) -> Table:
    """Of the statements that bear on a proposal those that stand at its instant, none later of the same scope."""
    now = (pairs.since_us <= pairs.at_us) & (pairs.until_us.isnull() | (pairs.at_us < pairs.until_us))
    that_day = ~pairs.kind.isin(_ONE_DAY) | pairs.on_day.isnull() | (pairs.on_day == pairs.day)
    return latest(pairs.filter(now & that_day), _SCOPE, "said_seq")


def is_by_party(said: Table) -> Column:
    """Whether the party of the contact said it."""
    return (said.by == said.party).fill_null(False)


def spans(facts: Facts, several: Table) -> Table:
    """Statements with the span over which each stood, and the role of who said it."""
    said = facts.statements
    said = said.mutate(since_us=said.received_us.coalesce(said.at_us), who=said.by.coalesce(_OURSELVES))
    withdrawn = said.filter(said.kind == "withdraw").select(
        "person", "who", kind="of", w_seq="seq", w_us="since_us", w_debt="debt", w_place="place", w_point="point",
        w_channel="channel",
    )  # fmt: skip
    said = said.filter(said.kind != "withdraw")
    ends = said.select("person", "seq", "who", "kind", "debt", "place", "point", "channel")
    ends = ends.inner_join(withdrawn, ["person", "who", "kind"])
    ends = ends.filter(ends.w_seq > ends.seq, *[_covers(ends, key) for key in ("debt", "place", "point", "channel")])
    ended = ends.group_by("person", "seq").agg(w_us=ends.w_us.min())
    said = attach(said, ended, ["person", "seq"])
    speakers = facts.parties.select("person", by="party", by_role="role")
    said = attach(said, speakers, ["person", "by"])
    bits = several.select("person", "debt", said_bit="bit")
    said = attach(said, bits, ["person", "debt"])
    until = ibis.least(said.until_us.coalesce(said.w_us), said.w_us.coalesce(said.until_us))
    return said.select(
        "person", "kind", "told", "since_us", "by", "by_role", "days", "from_minute", "to_minute", "from_us",
        "per_day", "form", "purpose_told", "consequences_told", "of_party", "of_point", "said_bit",
        until_us=until, own_until_us="until_us", said_seq="seq", said_debt="debt", said_point="point",
        said_channel="channel", said_place="place", on_day=said.on.epoch_days().cast("int64"),
    )  # fmt: skip


def _covers(ends: Table, key: str) -> Column:
    """Whether a withdrawal that names a key, or none, names that of the statement."""
    return ends[f"w_{key}"].isnull() | (ends[f"w_{key}"] == ends[key]).fill_null(False)
