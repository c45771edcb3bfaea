"""The one state machine of a court file: which step leads from which state where, and by which article.

A step that is not in `MOVES` cannot be taken. Dates: deadlines.py. What stands in the way of beginning: bars.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.words import Lane, State, Step

HOUSE = "house"
"""Source of a step that no article orders: the file's own beginning and end."""

UNCONFIRMED = frozenset(
    (
        *("CPL 53; CPL 241", "CPL 241", "CPL 100", "CPL 148; Fees 15", "CPL 171", "CPL 171; CPL 165", "CPLI 517"),
        *("People's Mediation Law 17", "People's Mediation Law 26", "Arbitration Law", "Fees 22"),
    )
)
"""Articles named from recollection, to be looked up before anybody relies on the number: they order nothing alone."""

LANE_OF_START: Mapping[Step, frozenset[Lane]] = MappingProxyType(
    {
        Step.ASK_MEDIATION: frozenset((Lane.MEDIATION, Lane.SUIT, Lane.SMALL_CLAIM)),
        Step.ASK_ORDER: frozenset((Lane.PAYMENT_ORDER,)),
        Step.FILE: frozenset((Lane.SUIT, Lane.SMALL_CLAIM)),
        Step.PRESERVE: frozenset((Lane.SUIT, Lane.SMALL_CLAIM, Lane.ARBITRATION)),
        Step.ASK_CERTIFICATE: frozenset((Lane.NOTARISED,)),
        Step.ASK_ARBITRATION: frozenset((Lane.ARBITRATION,)),
    }
)
"""A file begins by the way that it was opened for; court-led mediation before a suit is part of that suit's lane."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a step leads and by what; `to` None: back to where the file stood before it was settled."""

    to: State | None
    source: str
    lane: Lane | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of a file on its civil day. `until_on`: the day that was named with it, where `NEEDS_DAY` asks for one."""

    step: Step
    on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file stands after its steps; `before_settling`: where it goes back to when a settlement is broken."""

    state: State
    lane: Lane
    has_title: bool = False
    before_settling: State | None = None


class StepRefused(Refused):
    """The step cannot be taken from here, or not on this day; `field` names what to mend."""

    def __init__(self, code: str, text: Text, field: str | None = None) -> None:
        super().__init__(code, text)
        self.field = field


def _from(states: Sequence[State], step: Step, move: Move) -> dict[tuple[State, Step], Move]:
    return {(state, step): move for state in states}


_IN_SUIT = (State.FILED, State.CORRECTING, State.ACCEPTED, State.ANNOUNCED, State.SERVED, State.HEARD, State.APPEALED)
_ORDER_OPEN = (State.ORDER_ASKED, State.ORDER_ACCEPTED, State.ORDER_ISSUED, State.ORDER_SERVED)
_ARBITRATION_OPEN = (State.ARBITRATION_ASKED, State.ARBITRATING)
_TITLED = (State.EFFECTIVE, State.ENFORCING, State.STAYED)
_PENDING = (*_IN_SUIT, *_ORDER_OPEN, *_ARBITRATION_OPEN, State.DECIDED, State.ORDER_LAPSED, State.CERTIFICATE_ASKED)
WITHDRAWABLE = tuple(one for one in _PENDING if one not in (State.DECIDED, State.ORDER_LAPSED))
_KEPT = (State.MEDIATED, State.SETTLED)
_PREPARED = State.PREPARED

MOVES: Mapping[tuple[State, Step], Move] = MappingProxyType(
    {
        (_PREPARED, Step.PRESERVE): Move(_PREPARED, "CPL 104"),
        (_PREPARED, Step.ASK_MEDIATION): Move(State.MEDIATING, "People's Mediation Law 17"),
        (State.MEDIATING, Step.MEDIATION_FAILS): Move(_PREPARED, "People's Mediation Law 26"),
        (State.MEDIATING, Step.MEDIATION_AGREED): Move(State.MEDIATED, "People's Mediation Law 31"),
        (State.MEDIATED, Step.ASK_CONFIRMATION): Move(State.CONFIRMING, "CPL 205"),
        (State.CONFIRMING, Step.CONFIRMED): Move(State.EFFECTIVE, "CPL 206"),
        (State.CONFIRMING, Step.CONFIRMATION_REFUSED): Move(_PREPARED, "CPL 206"),
        (State.MEDIATED, Step.SETTLEMENT_BROKEN): Move(_PREPARED, "People's Mediation Law 32"),
        (_PREPARED, Step.ASK_ORDER): Move(State.ORDER_ASKED, "CPL 225"),
        (State.ORDER_ASKED, Step.ORDER_ACCEPTED): Move(State.ORDER_ACCEPTED, "CPL 226"),
        **_from((State.ORDER_ASKED, State.ORDER_ACCEPTED), Step.ORDER_REFUSED, Move(_PREPARED, "CPL 226; CPL 227")),
        (State.ORDER_ACCEPTED, Step.ORDER_ISSUED): Move(State.ORDER_ISSUED, "CPL 227"),
        (State.ORDER_ISSUED, Step.ORDER_SERVED): Move(State.ORDER_SERVED, "CPL 227"),
        (State.ORDER_ISSUED, Step.ORDER_NOT_SERVED): Move(State.ORDER_LAPSED, "CPLI 430"),
        (State.ORDER_SERVED, Step.ORDER_OBJECTED): Move(State.ORDER_LAPSED, "CPL 228"),
        (State.ORDER_SERVED, Step.ORDER_STANDS): Move(State.EFFECTIVE, "CPL 227"),
        (State.ORDER_LAPSED, Step.REFUSE_SUIT): Move(_PREPARED, "CPL 228; CPLI 438"),
        (State.ORDER_LAPSED, Step.BECOMES_SUIT): Move(State.ACCEPTED, "CPL 228; CPLI 439", Lane.SUIT),
        (_PREPARED, Step.FILE): Move(State.FILED, "CPL 122; CPL 123"),
        (State.FILED, Step.CORRECTION_ASKED): Move(State.CORRECTING, "CPL 124; CPL 126"),
        (State.CORRECTING, Step.CORRECT): Move(State.FILED, "CPL 124"),
        **_from((State.FILED, State.CORRECTING), Step.FILING_REFUSED, Move(_PREPARED, "CPL 126")),
        (State.FILED, Step.FILING_ACCEPTED): Move(State.ACCEPTED, "CPL 126"),
        (State.ACCEPTED, Step.PAY_FEE): Move(State.ACCEPTED, "Fees 20"),
        (State.ACCEPTED, Step.SERVICE_TRIED): Move(State.ACCEPTED, "CPL 88"),
        (State.ACCEPTED, Step.SERVICE_ANNOUNCED): Move(State.ANNOUNCED, "CPL 95"),
        (State.ACCEPTED, Step.SERVED): Move(State.SERVED, "CPL 88; CPL 90; CPL 128"),
        (State.ANNOUNCED, Step.SERVED): Move(State.SERVED, "CPL 95"),
        (State.SERVED, Step.HEARING_SET): Move(State.SERVED, HOUSE),
        (State.SERVED, Step.HEARD): Move(State.HEARD, HOUSE),
        (State.HEARD, Step.HEARING_SET): Move(State.SERVED, HOUSE),
        (State.HEARD, Step.JUDGED): Move(State.DECIDED, "CPL 160; CPL 165"),
        (State.DECIDED, Step.APPEAL): Move(State.APPEALED, "CPL 171"),
        (State.APPEALED, Step.APPEAL_JUDGED): Move(State.EFFECTIVE, "CPL 171"),
        (State.DECIDED, Step.BECOMES_EFFECTIVE): Move(State.EFFECTIVE, "CPL 171; CPL 165"),
        **_from((State.ACCEPTED, State.SERVED, State.HEARD, State.APPEALED), Step.COURT_MEDIATED,
                Move(State.EFFECTIVE, "CPL 100")),
        **_from((State.SERVED, State.HEARD, State.DECIDED, State.APPEALED, State.ARBITRATING), Step.DISMISSED,
                Move(State.ENDED, HOUSE)),
        (_PREPARED, Step.ASK_CERTIFICATE): Move(State.CERTIFICATE_ASKED, "Notarization Law 37; CPL 249"),
        (State.CERTIFICATE_ASKED, Step.CERTIFICATE_ISSUED): Move(State.EFFECTIVE, "CPL 249"),
        (State.CERTIFICATE_ASKED, Step.CERTIFICATE_REFUSED): Move(_PREPARED, "SPC notarised 2018 3"),
        (_PREPARED, Step.ASK_ARBITRATION): Move(State.ARBITRATION_ASKED, "Arbitration Law 27"),
        (State.ARBITRATION_ASKED, Step.ARBITRATION_ACCEPTED): Move(State.ARBITRATING, "Arbitration Law 28"),
        (State.ARBITRATION_ASKED, Step.ARBITRATION_REFUSED): Move(_PREPARED, "Arbitration Law 28"),
        (State.ARBITRATING, Step.AWARDED): Move(State.EFFECTIVE, "Arbitration Law"),
        **_from((_PREPARED, *_PENDING, *_TITLED), Step.SETTLE, Move(State.SETTLED, "CPL 53; CPL 241")),
        (State.SETTLED, Step.SETTLEMENT_BROKEN): Move(None, "CPL 241"),
        (State.EFFECTIVE, Step.ASK_ENFORCEMENT): Move(State.ENFORCING, "CPL 250"),
        (State.ENFORCING, Step.ENFORCEMENT_STAYED): Move(State.STAYED, "CPLI 517"),
        (State.STAYED, Step.ENFORCEMENT_RESUMED): Move(State.ENFORCING, "CPLI 517"),
        **_from((_PREPARED, State.MEDIATING, *_KEPT, State.CONFIRMING, *_PENDING, *_TITLED), Step.PAID,
                Move(State.ENDED, HOUSE)),
        **_from(WITHDRAWABLE, Step.WITHDRAW, Move(State.ENDED, "CPL 148; Fees 15")),
        **_from((_PREPARED, State.MEDIATING, State.EFFECTIVE, State.STAYED), Step.CLOSE, Move(State.ENDED, HOUSE)),
    }
)  # fmt: skip
NEEDS_DAY = frozenset(
    (Step.CORRECTION_ASKED, Step.HEARING_SET, Step.MEDIATION_AGREED, Step.SETTLE, Step.COURT_MEDIATED)
)
"""Steps with which somebody names a day: until when to correct, when to appear, by when to pay."""
NAMES_PAYMENT = frozenset(
    (
        *(Step.MEDIATION_AGREED, Step.SETTLE, Step.COURT_MEDIATED, Step.ORDER_STANDS, Step.BECOMES_EFFECTIVE),
        *(Step.APPEAL_JUDGED, Step.AWARDED, Step.CONFIRMED, Step.CERTIFICATE_ISSUED),
    )
)
"""Steps whose day, where one is named, is the last day of performance."""

_NO_STEP = Text("「{state}」的案卷不能办理「{step}」", "a file that is “{state}” cannot take the step “{step}”")
_NO_LANE = Text("「{lane}」案卷不能以「{step}」开始", "a file of the lane “{lane}” does not begin with “{step}”")


def take(standing: Standing, taken: Taken) -> Standing:
    """Where the file stands after a step. Refuses: one that does not lead on from here, or is of another lane, a small
    claim's appeal, a step that has to name a day and does not."""
    move = MOVES.get((standing.state, taken.step))
    if move is None:
        raise StepRefused("no_such_step", _worded(_NO_STEP, standing, taken.step), "step")
    lanes = LANE_OF_START.get(taken.step)
    if lanes is not None and standing.lane not in lanes:
        raise StepRefused("other_lane", _worded(_NO_LANE, standing, taken.step), "step")
    if taken.step is Step.APPEAL and standing.lane is Lane.SMALL_CLAIM:
        text = Text("小额诉讼一审终审，不能上诉（民诉法 165）", "a small claim has one instance, no appeal (CPL 165)")
        raise StepRefused("one_instance", text, "step")
    if taken.step in NEEDS_DAY and taken.until_on is None:
        raise StepRefused("no_day", Text("该步骤须写明日期", "help: this step names a day"), "until_on")
    to = move.to or standing.before_settling
    assert to is not None, "only what was settled is broken"
    is_settling = taken.step is Step.SETTLE
    return Standing(
        to,
        move.lane or standing.lane,
        standing.has_title or to in _TITLED,
        standing.state if is_settling else None,
    )


def begin(lane: Lane) -> Standing:
    """A file as it is opened."""
    return Standing(State.PREPARED, lane)


def replay(lane: Lane, steps: Sequence[Taken]) -> Standing:
    """Where a file stands after all its steps but the opening. Refuses: as `take`."""
    standing = begin(lane)
    for taken in steps:
        if taken.step is not Step.PREPARE:
            standing = take(standing, taken)
    return standing


def steps_from(standing: Standing) -> tuple[Step, ...]:
    """The steps that the file may take now, in the order of the table."""
    found = []
    for state, step in MOVES:
        lanes = LANE_OF_START.get(step)
        is_barred = step is Step.APPEAL and standing.lane is Lane.SMALL_CLAIM
        if state is standing.state and (lanes is None or standing.lane in lanes) and not is_barred:
            found.append(step)
    return tuple(found)


def _worded(text: Text, standing: Standing, step: Step) -> Text:
    state, lane, name = standing.state.label, standing.lane.label, step.label
    return Text(
        text.zh.format(state=state.zh, lane=lane.zh, step=name.zh),
        text.en.format(state=state.en, lane=lane.en, step=name.en),
    )
