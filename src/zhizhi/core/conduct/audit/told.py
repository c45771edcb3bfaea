"""The features of a contact that has happened, as far as a log tells: what it does not tell is unknown, never no.

A conduct case writes "nobody said anything" as an empty list; a call log that holds no statements says nothing of the
kind. This record puts "unknown" where the case would say no and the log cannot know.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from zhizhi.core.conduct.audit.knowledge import Assumption, Knowledge
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.features import Value

Told = Mapping[str, Value]
"""Features that the log states outright; None: the log has the column, and nothing stands there."""

_AS_THE_CASE_SAYS = frozenset(
    (
        "contact.channel",
        "contact.form",
        "contact.robot",
        "contact.purpose",
        "contact.continues",
        "contact.replies",
        "contact.discloses_debt",
        "contact.identifies_collector",
        "contact.names_principal",
        "contact.recording",
        "contact.team_size",
        "contact.id_shown",
        "contact.place",
        "contact.enters_premises",
        "contact.content",
        "contact.opt_out_notice",
        "party.consumer",
        "reply.at_bad_time",
        "reply.same_point",
        "party.role",
        "party.professional",
        "party.named_by_debtor",
        "point.source",
        "collector.kind",
        "collector.listed",
        "collector.contract_running",
        "collector.evaluated_on",
        "collector.inspected_on",
        "collector.trained_on",
        "collector.person_acts",
        "collector.private_device",
        "collector.private_device_approved",
    )
)
"""Features whose absence a conduct case already reads as unknown, or that an assumption of the report covers."""

_YES_IS_KNOWN = frozenset(
    (
        "contact.at_inconvenient_place",
        "contact.at_prohibited_work",
        "party.refused",
        "party.refused_channel",
        "party.refusal_confirmed",
        "point.refused",
        "point.objected",
        "debts.claimed_paid",
        "debtor.represented",
        "visit.consented",
        "entry.consented",
        "entry.employer_consented",
        "debts.disputed",
        "debts.ceased",
        "debts.unverified",
        "point.text_refused",
        "point.employers",
    )
)
"""Features that statements make: one that is on file is a fact; without the whole file its absence is not."""


class ToldRecord(Record):
    """Features of a view at an instant, as far as a log tells them."""

    __slots__ = ("_known", "knowledge")

    def __init__(self, view: View, at: datetime, knowledge: Knowledge, told: Told) -> None:
        super().__init__(view, at)
        self.knowledge = knowledge
        self._known: dict[str, Value] = dict(told)

    def value(self, feature: str) -> Value:
        """A feature of the catalogue; None where the log does not tell, or nothing here knows how it could."""
        try:
            return self._known[feature]
        except KeyError:
            value = self._known[feature] = _POLICY[feature](self) if feature in _POLICY else None
            return value

    def place(self, feature: str) -> str:
        """The feature itself: a log has no places of a case."""
        return feature

    def as_in_case(self, feature: str) -> Value:
        """What the case itself says."""
        return super().value(feature)


def _unless_unlisted(feature: str) -> Callable[[ToldRecord], Value]:
    """An exception that only a person's own word opens: whoever relies on it has to show it."""

    def read(record: ToldRecord) -> Value:
        value = record.as_in_case(feature)
        known = value is not False or record.knowledge.statements
        return value if known or record.knowledge.assumes(Assumption.NO_AGREEMENT) else None

    return read


def _callback(feature: str) -> Callable[[ToldRecord], Value]:
    """Boundary: a call that says it answers a request, in a log without the request, is not known to answer none."""

    def read(record: ToldRecord) -> Value:
        value = record.as_in_case(feature)
        if value is not False or record.knowledge.statements:
            return value
        return False if record.value("contact.purpose") not in (None, "answer_request") else None

    return read


def _first(record: ToldRecord) -> Value:
    """Boundary: an earlier contact in the log is certain; that there was none before the log began is not."""
    value = record.as_in_case("contact.first")
    return value if value is False or record.knowledge.assumes(Assumption.COMPLETE) else None


def _so_far(feature: str) -> Callable[[ToldRecord], Value]:
    """Something that an earlier contact makes true; that none did is certain only of a whole log."""

    def read(record: ToldRecord) -> Value:
        value = record.as_in_case(feature)
        return value if value is True or record.knowledge.assumes(Assumption.COMPLETE) else None

    return read


def _owes(record: ToldRecord) -> Value:
    states_matter = record.view.party.role in ("heir", "guardian")
    if states_matter and record.value("debtor.state") is None:
        return None
    return record.as_in_case("party.owes")


def _reminder(record: ToldRecord) -> Value:
    if record.value("contact.purpose") not in (None, "remind"):
        return False
    states = record.value("debts.state")
    return None if states is None else record.value("contact.purpose") == "remind" and states == frozenset({"not_due"})


def _only_yes(feature: str) -> Callable[[ToldRecord], Value]:
    """A fact that a log may show, and whose absence it never shows."""
    return lambda record: True if record.as_in_case(feature) is True else None


def _debtor_state(record: ToldRecord) -> Value:
    return record.as_in_case("debtor.state") if record.knowledge.debtor_states else None


def _debt_states(record: ToldRecord) -> Value:
    return record.as_in_case("debts.state") if record.knowledge.debt_states else None


def _unreachable(record: ToldRecord) -> Value:
    return record.as_in_case("case.unreachable_by_contract")


_SPECIAL: Mapping[str, Callable[[ToldRecord], Value]] = {
    "contact.first": _first,
    "contact.reminder": _reminder,
    "party.told_before": _so_far("party.told_before"),
    "debtor.spoken_with": _so_far("debtor.spoken_with"),
    "point.wrote_from": _so_far("point.wrote_from"),
    "consent.time": _unless_unlisted("consent.time"),
    "reply.unspent": _unless_unlisted("reply.unspent"),
    "party.owes": _owes,
    "party.offered_to_pay": _unless_unlisted("party.offered_to_pay"),
    "point.misdirected": _only_yes("point.misdirected"),
    "debtor.far_west": _only_yes("debtor.far_west"),
    "callback.requested": _callback("callback.requested"),
    "callback.timed": _callback("callback.timed"),
    "debtor.state": _debtor_state,
    "debts.state": _debt_states,
    "case.unreachable_by_contract": _unreachable,
}

ONLY_WHERE_TOLD = frozenset({"case.complaint_open", "case.no_contact_order", "case.hardship"})
"""Features that a column may state and that nothing else in a log shows."""


def _as_case(feature: str) -> Callable[[ToldRecord], Value]:
    return lambda record: record.as_in_case(feature)


def _yes_is_known(feature: str) -> Callable[[ToldRecord], Value]:
    def read(record: ToldRecord) -> Value:
        value = record.as_in_case(feature)
        return value if value is True or record.knowledge.statements else None

    return read


_POLICY: Mapping[str, Callable[[ToldRecord], Value]] = {
    **{feature: _as_case(feature) for feature in _AS_THE_CASE_SAYS},
    **{feature: _yes_is_known(feature) for feature in _YES_IS_KNOWN},
    **_SPECIAL,
}


def features_without_policy() -> frozenset[str]:
    """Features of the catalogue that this reading of a log has no policy for; they stay unknown."""
    return frozenset(FEATURES) - _POLICY.keys() - ONLY_WHERE_TOLD
