"""Whether a house pack only tightens: a proof for every channel and verdict, or a contact that it would let through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from zhizhi.core.conduct.reasoning.diff import contact_stretches
from zhizhi.core.conduct.reasoning.scene import Confirmed, Scene
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.house import NotHouse, house_errors, joined
from zhizhi.core.law.law import Bound, Law
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Fresh, Gate, Window
from zhizhi.core.law.pack import Pack
from zhizhi.core.law.reasoning.said import truth
from zhizhi.core.law.reasoning.smt import NotDecided, Term, conj, neg
from zhizhi.core.law.reasoning.spans import Stretch
from zhizhi.core.law.reasoning.verdicts import Side
from zhizhi.core.law.rules import READINGS

WITNESSES_MAX = 1
"""Cases that are built for one question of one stretch; further channels are named without one."""
CHANNELS = sorted(FEATURES["contact.channel"].values)
QUESTIONS = ("permitted", "not_forbidden", "not_held")
"""What must not happen: the law speaks and the house permits; it forbids and the house does not; it holds likewise."""


@dataclass(frozen=True, slots=True)
class Loosened:
    """A contact that the house would treat more mildly than the law; `case` None: the channel is only named."""

    reading: str
    stretch: Stretch
    channel: str
    question: str
    case: Confirmed | None
    decided: bool = True


@dataclass(frozen=True, slots=True)
class Idle:
    """A house rule that is milder than a rule of the law about the same thing: where both apply, it adds nothing."""

    rule: str
    base: str
    reading: str


@dataclass(frozen=True, slots=True)
class Tightening:
    """What was found about a house pack. It may join the law only where it is proven."""

    pack: Pack
    law: Law
    errors: tuple[NotHouse, ...]
    proofs: int
    loosened: tuple[Loosened, ...]
    idle: tuple[Idle, ...]

    @property
    def is_proven(self) -> bool:
        """Whether the house pack permits nothing that the law forbids or holds."""
        return not self.errors and not self.loosened and self.proofs > 0


def tightening(law: Law, pack: Pack, today: date) -> Tightening:
    """Compare the law alone with the law and the house pack, under each reading, over all time, channel by channel."""
    together = joined(law, pack)
    proofs, loosened, idle = 0, [], []
    for reading in READINGS:
        base, house = Side(law, reading), Side(together, reading)
        for stretch in contact_stretches(base, house, today):
            scene = Scene(base, house, stretch.day(today))
            for question in QUESTIONS:
                found = list(_loosened(scene, reading, stretch, question))
                proofs += len(CHANNELS) - len(found)
                loosened += found
            idle += [Idle(rule, other, reading) for rule, other in _idle(scene, pack)]
    errors = tuple(house_errors(law, pack))
    return Tightening(pack, law, errors, proofs, tuple(loosened), tuple(dict.fromkeys(idle)))


def _asked(scene: Scene, question: str) -> Term:
    before, after = scene.before, scene.after
    return {
        "permitted": conj([neg(before.permits), after.permits]),
        "not_forbidden": conj([before.forbids, neg(after.forbids), neg(after.permits)]),
        "not_held": conj([before.blocks, neg(after.blocks), neg(after.permits)]),
    }[question]


def _loosened(scene: Scene, reading: str, stretch: Stretch, question: str) -> Iterator[Loosened]:
    """The channels on which it happens: none where it happens on no channel at all; a case for the first few."""
    built = 0
    for channel in [] if _never(scene, _asked(scene, question)) else CHANNELS:
        asked = conj([scene.symbols.holds("contact.channel", channel), _asked(scene, question)])
        never = _never(scene, asked)
        if never:
            continue
        case = None
        if never is False and built < WITNESSES_MAX:
            case = scene.witness(asked, lambda found: found.is_milder)
            built += case is not None
        yield Loosened(reading, stretch, channel, question, case, decided=never is False)


def _never(scene: Scene, asked: Term) -> bool | None:
    """Whether it is proven of no contact; None where the solver did not decide."""
    try:
        return scene.never(asked)
    except NotDecided:
        return None


def _idle(scene: Scene, pack: Pack) -> Iterator[tuple[str, str]]:
    """House rules that permit, where they apply, what a rule of the law about the same thing does not."""
    own = {rule.id for rule in pack.rules}
    for name, bound in scene.after.rules.items():
        if name in own:
            for other, base in scene.before.rules.items():
                if other not in own and _same_thing(bound, base) and not scene.never(_milder(scene, bound, other)):
                    yield name, other


def _milder(scene: Scene, bound: Bound, other: str) -> Term:
    view = scene.symbols.under(scene.new.reading)
    when, unless = truth(bound.clause.when, view), truth(bound.clause.unless, view)
    own, base = scene.after.said[bound.rule.id], scene.before.said[other]
    return conj([when.yes, unless.no, neg(own.speaks), base.speaks])


def _same_thing(one: Bound, other: Bound) -> bool:
    """Whether two rules put a number to the same measure."""
    first, second = one.clause.body, other.clause.body
    match first, second:
        case Cap(), Cap():
            return _measured(first) == _measured(second)
        case Cooldown(), Cooldown():
            return (first.count, first.per) == (second.count, second.per)
        case After(), After():
            return (first.count, first.per) == (second.count, second.per)
        case Fresh(), Fresh():
            return first.feature == second.feature
        case (Window(), Window()) | (Avoid(), Avoid()) | (Gate(), Gate()):
            return True
    return False


def _measured(cap: Cap) -> tuple[object, ...]:
    return (cap.count, cap.per, cap.days, cap.minutes)
