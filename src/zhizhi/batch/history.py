"""The history of a proposal: which events are its past, how many of a kind fall on its day, when the first was made."""

from collections.abc import Callable, Mapping

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.clock import DAY_US
from zhizhi.batch.debts import event_masks, none_due, same_lender
from zhizhi.batch.joins import attach
from zhizhi.batch.tables import Column, Facts, Table
from zhizhi.batch.truth import NO, YES, any_of, surely
from zhizhi.core.law.catalogue import COUNTS
from zhizhi.core.law.nodes import Cap

CALLS = ("ringless_voicemail", "voice")
ANSWERED = ("conversation", "connected", "answered_dropped")
VOICEMAIL = ("voicemail_limited", "voicemail_debt", "voicemail_full")
UNANSWERED = ("no_answer", "busy", "not_in_service", "rejected")
_LEFT = ("delivered", "sent")
CALLS_BACK_US = 2 * DAY_US
"""No day began longer before an instant of it."""

OF_VISITS = ("visits", "valid_visits")
OF_PROPOSAL = (
    "proposal", "person", "party", "point", "at_us", "seq", "day", "zone", "debts", "many", "resting", "due_mask",
    "lender_mask", "collector_id", "robot",
)  # fmt: skip
"""What of a proposal is read beside its past."""


SURE, PERHAPS, NEVER = 2, 1, 0
"""Whether an event counts: of the rows of one physical call the greatest."""


def ours(facts: Facts, of: Table | None = None) -> Table:
    """Outbound events, named apart from the columns of a proposal, without what continues a contact of the person's.

    `of`: only those of the persons of this table, where these are few.
    """
    events = facts.events if of is None else facts.events.semi_join(of.select("person").distinct(), "person")
    out = events.filter((events.direction == "out") & ~events.in_session)
    begun = facts.events.filter(facts.events.direction == "in").select("person", on_call="event").distinct()
    linked = facts.events.filter(facts.events.on_call.notnull()).select("person", "event", "on_call")
    continuing = linked.semi_join(begun, ["person", "on_call"]).select("person", "event")
    return out.anti_join(continuing, ["person", "event"]).select(
        "person", "party", "event", "outcome", "purpose", "talk_seconds", "exchanged", "physical", "by", "form",
        e_seq="seq", e_us="at_us", e_channel="channel", e_point="point", e_robot="robot", event_debts="debts",
    )  # fmt: skip


def hits(scene: Scene, rows: Table, events: Table, reach_us: int) -> Table:
    """Proposals with the events of their past with the party, of the same lender, so far back; one row a pair."""
    near = events.filter((events.e_us >= scene.asked_first_us - reach_us) & (events.e_us <= scene.asked_last_us))
    pairs = rows.select(*OF_PROPOSAL).inner_join(near, ["person", "party"])
    pairs = pairs.filter(is_past(pairs) & (pairs.e_us >= pairs.at_us - reach_us))
    pairs = attach(pairs, event_masks(scene, pairs), ["person", "event"])
    return pairs.filter(same_lender(pairs))


def is_past(pairs: Table) -> Column:
    """Whether an event is of the past of a proposal."""
    return (pairs.e_us <= pairs.at_us) & (pairs.seq.isnull() | (pairs.e_seq < pairs.seq))


def with_counts(scene: Scene, rows: Table, asked: Table, near: Table, concerned: Mapping[Cap, str]) -> Table:
    """Proposals with `<name>_sure`, `<name>_most` and `<name>_other` for each count that a cap of the law asks for.

    `concerned`: for each cap the column of `asked`, the same proposals, to which it may apply. `_other`: whether what
    makes it uncertain is more than open outcomes.
    """
    for of_visits in (False, True):
        caps = [cap for cap in concerned if (cap.count in OF_VISITS) is of_visits]
        if caps:
            rows = _counted(scene, rows, asked, near, {cap: concerned[cap] for cap in caps}, of_visits)
    return rows


def count_name(cap: Cap) -> str:
    """The beginning of the names of the columns of a count."""
    return f"n_{cap.count}_{cap.min_seconds}"


def _counted(
    scene: Scene, rows: Table, asked: Table, near: Table, concerned: Mapping[Cap, str], of_visits: bool
) -> Table:
    counts = {count_name(cap): cap for cap in concerned}
    if of_visits:
        events = near.filter((near.e_channel == "visit") & (near.purpose.fill_null("") != "serve"))
    else:
        events = near.filter(near.e_channel.isin(CALLS))
    concerns = any_of(asked[name] for name in concerned.values())
    pairs = hits(scene, asked.filter(concerns), events, CALLS_BACK_US)
    pairs = pairs.filter(scene.clock(pairs).day(pairs.e_us) == pairs.day)
    pairs = pairs.filter(~(surely(pairs.purpose == "remind") & none_due(pairs)))
    levels = {name: LEVELS[cap.count](pairs, cap.min_seconds) for name, cap in counts.items()}
    pairs = pairs.mutate(**levels)
    pairs = pairs.mutate(**{f"{name}_other": _other(pairs, cap) for name, cap in counts.items()})
    columns = ["proposal", *counts, *[f"{name}_other" for name in counts]]
    alone = pairs.filter(pairs.physical.isnull()).select(*columns)
    shared = pairs.filter(pairs.physical.notnull())
    shared = shared.group_by("proposal", "physical").agg(
        **{name: shared[name].max() for name in counts},
        **{
            f"{name}_other": shared[f"{name}_other"].argmin(shared.e_seq, where=shared[name] == PERHAPS)
            for name in counts
        },
    )
    calls = alone.union(shared.select(*columns))
    found = calls.group_by("proposal").agg(
        **{f"{name}_sure": (calls[name] == SURE).sum().cast("int64") for name in counts},
        **{f"{name}_most": (calls[name] >= PERHAPS).sum().cast("int64") for name in counts},
        **{f"{name}_other": ((calls[name] == PERHAPS) & surely(calls[f"{name}_other"])).any() for name in counts},
    )
    fills: dict[str, object] = {}
    for name in counts:
        fills |= {f"{name}_sure": 0, f"{name}_most": 0, f"{name}_other": False}
    return attach(rows, scene.plan.step("visits" if of_visits else "calls", found), fills=fills)


def firsts(scene: Scene, wanted: Table) -> Table:
    """Of some proposals those before which nobody of ours contacted the party."""
    wanted = wanted.select("proposal", "person", "party", "at_us", "seq")
    events = ours(scene.facts, of=wanted)
    events = events.filter(events.e_us <= scene.asked_last_us).semi_join(wanted, ["person", "party"])
    earliest = events.group_by("person", "party").agg(e_us=events.e_us.min(), e_seq=events.e_seq.min())
    before = wanted.inner_join(earliest, ["person", "party"])
    return wanted.anti_join(before.filter(is_past(before)), "proposal").select("proposal")


def _level(certain: Column, possible: Column) -> Column:
    return ibis.cases((certain, SURE), (possible, PERHAPS), else_=NEVER).cast("int8")


def _kleene(truth: Column) -> Column:
    return ibis.cases((truth.isnull(), PERHAPS), (truth, SURE), else_=NEVER).cast("int8")


def _connected_notice(e: Table, _seconds: int) -> Column:
    notice = e.form == "notification"
    left = (e.e_channel == "ringless_voicemail") & e.outcome.isin(_LEFT)
    return _level(notice & surely(e.outcome.isin(ANSWERED) | left), notice & e.outcome.isnull())


def _valid_call(e: Table, seconds: int) -> Column:
    may = (e.form == "interactive") & (e.outcome.isnull() | e.outcome.isin(ANSWERED))
    exchanged = ibis.ifelse(e.exchanged.isnull() & surely(e.outcome == "conversation"), YES, e.exchanged)
    return ibis.ifelse(may, _kleene((e.talk_seconds >= seconds) & exchanged), NEVER).cast("int8")


def _answered_call(e: Table, seconds: int) -> Column:
    interactive = e.form == "interactive"
    empty = surely(e.talk_seconds < seconds) & surely(~e.exchanged)
    spoken = surely(e.talk_seconds != 0) | surely(e.exchanged)
    return ibis.cases(
        (e.outcome.isnull() & empty & interactive, NEVER),
        (e.outcome.isnull() & spoken, SURE),
        (e.outcome.isnull(), PERHAPS),
        ((e.e_channel == "ringless_voicemail") & e.outcome.isin(_LEFT), SURE),
        (~e.outcome.isin([*ANSWERED, *VOICEMAIL]), NEVER),
        ((e.form == "notification") | ~empty, SURE),
        else_=NEVER,
    ).cast("int8")


def _dial(e: Table, _seconds: int) -> Column:
    return _kleene(e.e_point == e.point)


def _unanswered_alike(e: Table, _seconds: int) -> Column:
    other = (
        (e.by.fill_null(e.collector_id) != e.collector_id) | (e.e_robot != e.robot) | surely(e.outcome.isin(ANSWERED))
    )
    dialled = e.e_point == e.point
    open_ = ibis.ifelse(e.outcome.isnull() & surely(dialled), ibis.null("boolean"), dialled)
    return ibis.ifelse(other, NEVER, _kleene(open_)).cast("int8")


def _visit(_e: Table, _seconds: int) -> Column:
    return ibis.literal(SURE, "int8")


def _valid_visit(e: Table, _seconds: int) -> Column:
    no = (e.outcome.fill_null("met") != "met") | surely(~e.exchanged)
    return ibis.cases((no, NEVER), (surely(e.outcome == "met") & surely(e.exchanged), SURE), else_=PERHAPS).cast("int8")


LEVELS: Mapping[str, Callable[..., Column]] = {
    "connected_notices": _connected_notice,
    "valid_calls": _valid_call,
    "answered_calls": _answered_call,
    "dials": _dial,
    "unanswered_dials_alike": _unanswered_alike,
    "visits": _visit,
    "valid_visits": _valid_visit,
}
assert LEVELS.keys() <= COUNTS.keys(), "counts of the catalogue"


def _other(e: Table, cap: Cap) -> Column:
    """Whether an event that may count is uncertain for more than its open outcome."""
    unnamed = e.e_point.isnull() | e.point.isnull() if cap.count in ("dials", "unanswered_dials_alike") else NO
    return e.outcome.notnull() | unnamed
