"""What may be said of court while a file stands where it stands: a claim that is not true is a false consequence.

The rule packs forbid a wording with that mark (GB/T 45251-2025, CBA 2026 42, MLC-2); here is decided when a wording
about courts carries it. It is only ever added: nothing here permits.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from zhizhi.core.litigation.words import State

FALSE_CONSEQUENCE = "false_consequence"


class CourtTalk(StrEnum):
    """What a wording says of courts."""

    SUIT = "suit"
    ENFORCEMENT = "enforcement"


_SUIT = re.compile(
    r"起诉|诉讼|立案|开庭|法院|法庭|仲裁|支付令|传票|应诉|被告|律师函|\b(?:sue|suit|lawsuit|court|litigation|arbitration)\b",
    re.IGNORECASE,
)
_ENFORCEMENT = re.compile(
    r"强制执行|申请执行|失信|被执行人|老赖|限制高消费|限高|查封|扣押|冻结|拘留|\benforcement\b|\bseiz(?:e|ure)\b",
    re.IGNORECASE,
)
_ABOUT_COURT = frozenset(("active_litigation", "serve"))
_DUNNING = frozenset(("collect", "remind", "relay", "locate", "discount_offer", *_ABOUT_COURT))

PREPARED = frozenset(State) - {State.ENDED, State.MEDIATING, State.MEDIATED, State.CONFIRMING, State.SETTLED}
"""Files that are on their way to a court, or there: that there is one is true. While somebody mediates, or an
agreement is kept, talk of suing contradicts what was begun."""
PENDING = PREPARED - {State.PREPARED}
TITLED = frozenset((State.EFFECTIVE, State.ENFORCING, State.STAYED))
AGREED = frozenset((State.MEDIATED, State.CONFIRMING, State.SETTLED))
"""An agreement is being kept: collection rests, as while any plan is kept; whoever asks for more than it says
overstates what is owed, which is the same forbidden mark."""


def is_dunning(purpose: str) -> bool:
    """Whether a contact of this purpose asks for payment; what answers a request or informs does not."""
    return purpose in _DUNNING


@lru_cache(maxsize=512)
def court_talk(wording: str) -> frozenset[CourtTalk]:
    """What a wording says of courts; read from the words that are approved, before names and sums are filled in."""
    found = {CourtTalk.SUIT: _SUIT, CourtTalk.ENFORCEMENT: _ENFORCEMENT}
    return frozenset(talk for talk, pattern in found.items() if pattern.search(wording))


def contradicts(wording: str, purpose: str, states: Iterable[State | None]) -> bool:
    """Whether a contact about debts whose files stand so would say what is not true of each of them.

    None: a debt without an open file. No debt at all: nothing is prepared.
    """
    if not is_dunning(purpose):
        return False
    said = court_talk(wording)
    of_debts = set(states) or {None}
    if not of_debts.isdisjoint(AGREED):
        return True
    if purpose in _ABOUT_COURT and not of_debts <= PENDING:
        return True
    if CourtTalk.ENFORCEMENT in said and not of_debts <= TITLED:
        return True
    return CourtTalk.SUIT in said and not of_debts <= PREPARED
