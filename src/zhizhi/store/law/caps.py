"""Activation: which caps of the packs the database itself holds, and the table of limits that it holds them by.

The database recounts a cap only where it can do so without ever refusing what the law permits: `cap_limit_of` reads a
rule into columns, or says why it is for the gate alone (docs/decisions/0031-caps-in-the-database.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from zhizhi.core.conduct.counts import TO_ONE_NUMBER
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import COUNTS, FEATURES
from zhizhi.core.law.house import joined
from zhizhi.core.law.law import Bound, Law, rules_on, turning_days
from zhizhi.core.law.nodes import All, Any, Cap, Condition, Cooldown, Is, Number
from zhizhi.core.law.pack import Pack
from zhizhi.store.law.houses import law_with, standing_houses
from zhizhi.store.law.models import CapActivation, CapLimit
from zhizhi.store.law.releases import load_release
from zhizhi.store.locks import Lock, wait_for
from zhizhi.store.packs import list_profiles, load_law

READINGS = ("strict", "text")
RECOUNTED = COUNTS.keys() - {"talks"}
"""Kinds that `zhizhi_counts` of sql/gate_caps.sql mirrors; `talks` also counts what others began."""
KEYS_RECOUNTED = frozenset({"person", "lender", "collector", "debt", "point"})
PROFESSIONALS = frozenset({"attorney", "creditor", "creditor_attorney", "collector_attorney", "credit_bureau"})

BY_DATABASE = Text("数据库与闸口", "database and gate")
BY_GATE = Text("仅闸口", "gate alone")


class OnlyTheGate(Exception):
    """The database does not hold this rule; `why` says for what reason."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(slots=True)
class _Scope:
    """When a rule surely speaks, in what a permit and its rows show."""

    channels: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    lifting_purposes: frozenset[str] = frozenset()
    callback_lifts: bool = False
    spares_reminders: bool = False


def activate_caps(at: datetime) -> int:
    """Write the limits of the packs of this release, as the owner; answers how many rules and spans they hold.

    The house packs that stand are read anew too. Boundary: a profile or lender with a pack that does not verify keeps
    what was activated last; the gate permits nothing by it.
    """
    laws = [law for law in map(load_law, list_profiles()) if not law.broken]
    held = [law.profile for law in laws]
    limits = [limit for law in laws for limit in limits_of(law)]
    with transaction.atomic(using="owner"):
        CapLimit.objects.using("owner").filter(profile__in=held, lender=None).delete()
        CapActivation.objects.using("owner").filter(profile__in=held).delete()
        CapLimit.objects.using("owner").bulk_create(limits)
        CapActivation.objects.using("owner").bulk_create(_activation(law, at) for law in laws)
        _write_standing_houses()
    return len(limits)


def _write_standing_houses() -> None:
    for house in standing_houses(using="owner"):
        wait_for(Lock.HOUSE, house.lender_id, using="owner")
    for house in standing_houses(using="owner"):  # once more: nobody changes them now
        law = law_with(house)
        if law is not None and not law.broken:
            write_house_caps(load_law(house.profile), load_release(house.sha256), house.lender_id)


def write_house_caps(law: Law, house: Pack, lender_id: int) -> None:
    """Write the limits of a house pack for its lender in the place of those before; the owner's transaction is open."""
    limits = [one for one in limits_of(joined(law, house)) if one.rule.startswith(f"{house.id}/")]
    for limit in limits:
        limit.lender_id = lender_id
    CapLimit.objects.using("owner").filter(lender_id=lender_id).delete()
    CapLimit.objects.using("owner").bulk_create(limits)


def _activation(law: Law, at: datetime) -> CapActivation:
    packs = [{"id": pack.id, "sha256": pack.sha256} for pack in law.packs]
    return CapActivation(profile=law.profile, packs=packs, activated_at=at)


def limits_of(law: Law) -> Iterator[CapLimit]:
    """Every cap of a law that the database holds, for each span of days over which its numbers stand."""
    for reading in READINGS:
        for bound, from_on, until_on in _spans(law, reading):
            try:
                limit = cap_limit_of(bound)
            except OnlyTheGate:
                continue
            limit.profile, limit.reading, limit.zone = law.profile, reading, law.zone
            limit.from_on, limit.until_on = from_on, until_on
            yield limit


def _spans(law: Law, reading: str) -> Iterator[tuple[Bound, date, date | None]]:
    """Every rule with the days over which it stands with the same numbers."""
    turns = turning_days(law)
    running: dict[str, tuple[Bound, date]] = {}
    for day in turns:
        today = {bound.rule.id: bound for bound in rules_on(law, reading, day)}
        for rule, (bound, since) in list(running.items()):
            if rule not in today or today[rule].clause != bound.clause:
                yield bound, since, day
                del running[rule]
        for rule, bound in today.items():
            running.setdefault(rule, (bound, day))
    yield from ((bound, since, None) for bound, since in running.values())


def who_holds(law: Law, reading: str, day: date) -> Iterator[tuple[Bound, Text, Text]]:
    """Every rule about how often of a day, who holds it, and what there is to say about that."""
    for bound in rules_on(law, reading, day):
        if isinstance(bound.clause.body, Cap | Cooldown):
            try:
                limit = cap_limit_of(bound)
            except OnlyTheGate as gate:
                yield bound, BY_GATE, gate.why
            else:
                yield bound, BY_DATABASE, _how(limit)


def _how(limit: CapLimit) -> Text:
    if limit.minutes is None and limit.days == 1:
        return Text("重新计数并逐号占位", "recounted, a numbered slot for each permit of the day")
    return Text("按窗口重新计数", "recounted over its window")


def cap_limit_of(bound: Bound) -> CapLimit:
    """A rule in columns, for no profile and no days yet. Refuses: OnlyTheGate."""
    clause, rule = bound.clause, bound.rule
    cap = clause.body
    if not isinstance(cap, Cap):
        raise OnlyTheGate(Text("间隔日数而非次数", "days between contacts, no count"))
    if clause.breach == "warning":
        raise OnlyTheGate(Text("只提示，不限制", "it only warns"))
    if cap.count not in RECOUNTED or not {"person"} <= cap.per <= KEYS_RECOUNTED:
        raise OnlyTheGate(
            Text("须依对方发起的通话或其他资料计数", "what it counts is not in the rows of permits and contacts alone")
        )
    scope = _scope_of(clause.when, clause.unless)
    return CapLimit(
        rule=rule.id,
        names=sorted({rule.id, *rule.rows}),
        channels=_listed(scope.channels or FEATURES["contact.channel"].values),
        forms=_listed(scope.forms),
        purposes=_listed(scope.purposes),
        roles=_listed(scope.roles),
        lifting_purposes=_listed(scope.lifting_purposes),
        callback_lifts=scope.callback_lifts,
        spares_reminders=scope.spares_reminders,
        counts=cap.count,
        min_seconds=_number(cap.min_seconds),
        most=None if cap.limit is None else _number(cap.limit),
        agreed=cap.agreed,
        higher_counts=cap.higher_counts,
        days=_number(cap.days),
        minutes=None if cap.minutes is None else _number(cap.minutes),
        per=_listed(cap.per),
        to_one_point=cap.count in TO_ONE_NUMBER or "point" in cap.per,
        by_one_collector=cap.count == "unanswered_dials_alike" or "collector" in cap.per,
        consent_days=_number(cap.consent_days),
    )


def _number(number: Number) -> int:
    assert isinstance(number, int), "numbers are filled in for a day"
    return number


def _listed(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def _scope_of(when: Condition, unless: Condition) -> _Scope:
    scope = _Scope()
    for one in when.conditions if isinstance(when, All) else (when,):
        _narrow(scope, one)
    for one in unless.conditions if isinstance(unless, Any) else (unless,):
        _lift(scope, one)
    return scope


_COLUMNS = {
    "contact.channel": "channels",
    "contact.form": "forms",
    "contact.purpose": "purposes",
    "party.role": "roles",
}


def _narrow(scope: _Scope, condition: Condition) -> None:
    match condition:
        case Is(feature=feature, values=values) if feature in _COLUMNS:
            column, wanted = _COLUMNS[feature], frozenset(map(str, values))
        case Is(feature="party.professional", values=values) if values == {False}:
            column, wanted = "roles", FEATURES["party.role"].values - PROFESSIONALS
        case Is(feature="contact.continues", values=values) if values == {False}:
            return  # a permit begins a contact; the gate proposes none within another
        case Is(feature="contact.reminder", values=values) if values == {False}:
            scope.spares_reminders = True
            return
        case _:
            raise OnlyTheGate(_UNSEEN)
    before = getattr(scope, column)
    setattr(scope, column, wanted if before is None else before & wanted)


def _lift(scope: _Scope, condition: Condition) -> None:
    match condition:
        case Is(feature="contact.purpose", values=values):
            scope.lifting_purposes |= frozenset(map(str, values))
        case Is(feature="callback.requested", values=values) if values == {True}:
            scope.callback_lifts = True
        case _:
            raise OnlyTheGate(_UNSEEN)


_UNSEEN = Text("适用与否取决于许可本身看不出的情形", "whether it speaks depends on what a permit does not show")
