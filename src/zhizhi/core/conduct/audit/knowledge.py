"""What a log says and what it does not: the facts that it speaks of, and what is assumed where it is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zhizhi.core.kernel.text import Text


class Assumption(StrEnum):
    """What is taken for granted where a log is silent. Each finding names those that it rests on."""

    NO_AGREEMENT = "no_agreement"
    COMPLETE = "complete"
    DEBTOR_CALLED = "debtor_called"
    COLLECTING = "collecting"
    OUTBOUND = "outbound"
    INTERACTIVE = "interactive"
    HUMAN = "human"
    ONE_LENDER = "one_lender"
    ZONE = "zone"
    RESERVED = "reserved"


WORDS: Mapping[Assumption, Text] = {
    Assumption.NO_AGREEMENT: Text(
        "没有日志之外的例外:未另行约定时段或次数,未表示愿意代偿,未要求回电",
        "no exception beside the log: no other hours or numbers agreed, no offer to pay, no callback asked for",
    ),
    Assumption.COMPLETE: Text(
        "日志包含其起止日期内全部触达(含其他机构)",
        "the log holds every contact of its span, other agencies' too",
    ),
    Assumption.DEBTOR_CALLED: Text(
        "未注明身份的对方即客户本人", "who is called is the debtor unless the log says otherwise"
    ),
    Assumption.COLLECTING: Text("未注明目的的联系是催收", "a contact with the debtor without a purpose is collection"),
    Assumption.OUTBOUND: Text("未注明方向的联系是呼出", "a contact without a direction is outbound"),
    Assumption.INTERACTIVE: Text(
        "未注明形式的联系是交互式", "a contact without a form is interactive, not a mere notification"
    ),
    Assumption.HUMAN: Text(
        "未注明机器外呼的由人实施", "a contact that is not marked as a robot's was made by a person"
    ),
    Assumption.ONE_LENDER: Text("未注明贷款人的联系属于同一贷款人", "contacts without a lender are of one lender"),
    Assumption.ZONE: Text(
        "没有时差标记的时刻按日志时区理解", "instants without an offset are read in the zone of the log"
    ),
    Assumption.RESERVED: Text(
        "客户在日志中的手机号即预留号码", "the debtor's mobile in the log is the one left with the lender"
    ),
}

_BY_FEATURE: Mapping[str, Assumption] = {
    "party.offered_to_pay": Assumption.NO_AGREEMENT,
    "callback.requested": Assumption.NO_AGREEMENT,
    "callback.timed": Assumption.NO_AGREEMENT,
    "party.role": Assumption.DEBTOR_CALLED,
    "party.owes": Assumption.DEBTOR_CALLED,
    "contact.purpose": Assumption.COLLECTING,
    "contact.form": Assumption.INTERACTIVE,
    "contact.continues": Assumption.OUTBOUND,
    "contact.robot": Assumption.HUMAN,
    "collector.person_acts": Assumption.HUMAN,
}
"""The assumption that a feature's value may come from."""


def assumptions_of(features: frozenset[str]) -> frozenset[Assumption]:
    """The assumptions that a rule which asks for these features may rest on."""
    return frozenset(_BY_FEATURE[name] for name in features if name in _BY_FEATURE)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of all contacts of a log alike.

    `spoken`: features that some column or table speaks of; one that is missing there is missing for a row, any other
    is missing for the whole log. `statements`: the table of statements is whole, so what is not in it was not said.
    """

    spoken: frozenset[str] = frozenset()
    statements: bool = False
    debtor_states: bool = False
    debt_states: bool = False
    assumed: frozenset[Assumption] = field(default_factory=lambda: frozenset(Assumption) - {Assumption.COMPLETE})

    def assumes(self, assumption: Assumption) -> bool:
        """Whether something is taken for granted."""
        return assumption in self.assumed
