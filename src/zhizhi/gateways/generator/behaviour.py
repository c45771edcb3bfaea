"""How a person of the demonstration book answers a contact, in the year of history and on the demonstration day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.gateways.generator.ageing import Ageing, bucket_of
from zhizhi.gateways.generator.parameters import Calibration, Parameters, load_parameters
from zhizhi.gateways.generator.seasons import Seasons
from zhizhi.gateways.generator.streams import WORD, Dice, chance
from zhizhi.gateways.generator.truths import Truth, truth_source

_LARGEST = Decimal("0.95")
_MOST_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a contact, in the words of the conduct case. `right_party` is None where nobody answered.

    `promised_share`: hundredths of what is due, 0 without a promise. `pays_on`: the day on which all due is paid.
    """

    outcome: str
    line_result: str
    ring_seconds: int
    talk_seconds: int
    exchanged: bool
    right_party: bool | None
    promised_share: int = 0
    promised_on: date | None = None
    pays_on: date | None = None


@dataclass(frozen=True, slots=True)
class Promising:
    """Chances after a right-party contact at one age of arrears, as thresholds of words."""

    pays_in_3: int
    pays_in_horizon: int
    promises_if_pays: int
    promises_if_not: int


class Behaviour:
    """The chances of one calibration, prepared once."""

    def __init__(self, parameters: Parameters) -> None:
        """Tables by age of arrears, hour and attempt."""
        self.parameters = parameters
        self.seasons = Seasons(parameters)
        self.ageing = Ageing(parameters, self.seasons)
        self.horizon = parameters.numbers["promises.horizon_days"]
        self._answers: dict[tuple[int, int, int, bool, int], int] = {}
        self._promising: dict[int, Promising] = {}

    def _paid_after_talk(self, days_past_due: int) -> Decimal:
        """The share that pays within three days after a right-party contact; without a figure, as many as anyway."""
        shares = self.parameters.shares
        if days_past_due <= 30:
            return shares["promises.paid_within_3_days_of_right_party.early"]
        if days_past_due <= 60:
            return shares["promises.paid_within_3_days_of_right_party.middle"]
        return self.ageing.cure_within(days_past_due, 3)

    def answers(self, days_past_due: int, hour: int, attempts_today: int, *, festival: bool, pays_soon: int) -> int:
        """The chance, as a threshold, that the own mobile is answered by a person who can be reached.

        `pays_soon`: 1 where the arrears are known to be paid within three days, 0 where not, -1 where it is open.
        The two are set apart so that of all right-party contacts the share of the parameters pays within three days.
        """
        age = min(days_past_due, 91)
        attempts = min(attempts_today, _MOST_ATTEMPTS)
        key = (age, hour, attempts, festival, pays_soon)
        threshold = self._answers.get(key)
        if threshold is None:
            shares = self.parameters.shares
            bucket = bucket_of(age)
            # Those who never answer are dialled, but for the dead numbers, which the floor gives up.
            silent = shares[f"truth.lost_contact.{bucket}"] * (1 - shares["truth.lost_number_dead"])
            base = shares[f"answers.own_mobile.{min(bucket, 'm3')}"] / (1 - silent)
            base *= max((f for f in self.parameters.hour_factors if f[0] <= hour), default=(0, Decimal(1)))[1]
            base *= shares["answers.next_attempt_factor"] ** attempts
            if festival:
                base *= shares["season.spring_festival_answer_factor"]
            if pays_soon >= 0:
                wanted, anyway = self._paid_after_talk(age), self.ageing.cure_within(age, 3)
                base *= wanted / anyway if pays_soon else (1 - wanted) / (1 - anyway)
            threshold = self._answers[key] = chance(min(base, _LARGEST))
        return threshold

    def promising(self, days_past_due: int) -> Promising:
        """Chances to pay and to promise after a right-party contact; as many are kept as the parameters say."""
        age = min(days_past_due, 91)
        known = self._promising.get(age)
        if known is None:
            shares = self.parameters.shares
            bucket = min(bucket_of(age), "m3")
            in_3, in_all = self._paid_after_talk(age), self.ageing.cure_within(age, self.horizon)
            anyway = self.ageing.cure_within(age, 3)
            pays = in_3 + (1 - in_3) * (in_all - anyway) / (1 - anyway)
            kept = shares[f"promises.kept.{bucket}"]
            promises = min(shares[f"promises.promised_on_right_party.{bucket}"], pays / kept * _LARGEST)
            known = self._promising[age] = Promising(
                chance(in_3), chance(pays), chance(kept * promises / pays), chance((1 - kept) * promises / (1 - pays))
            )
        return known

    def dial(self, dice: Dice, truth: Truth, days_past_due: int, threshold: int, *, gone: bool) -> CallOutcome:
        """One dial to the reserved mobile. `threshold`: from `answers`; `gone`: the number changed hands before."""
        if truth.is_lost(days_past_due):
            if truth.number_dead:
                return CallOutcome("not_in_service", "empty_number", 0, 0, exchanged=False, right_party=None)
            return self.unanswered(dice)
        if not dice.happens(threshold):
            return self.unanswered(dice)
        ring = dice.between(4, 22)
        if dice.happens(self.parameters.chances["answers.dropped_share"]):
            return CallOutcome(
                "answered_dropped", "answered", ring, dice.between(1, 4), exchanged=False, right_party=None
            )
        if gone or dice.happens(self.parameters.chances["answers.wrong_person"]):
            return CallOutcome("conversation", "answered", ring, dice.between(8, 40), exchanged=True, right_party=False)
        return CallOutcome("conversation", "answered", ring, dice.between(35, 340), exchanged=True, right_party=True)

    def unanswered(self, dice: Dice) -> CallOutcome:
        """Why a dial was not answered. Carriers announce an empty number at times for one that works."""
        reason = self.parameters.not_answered.pick(dice.word())
        if reason == "empty_number":
            return CallOutcome("not_in_service", "empty_number", 0, 0, exchanged=False, right_party=None)
        ring = dice.between(26, 58)
        if reason == "rejected":
            return CallOutcome("rejected", "rejected", dice.between(3, 18), 0, exchanged=False, right_party=None)
        if reason == "intercepted":
            return CallOutcome("no_answer", "intercepted", dice.between(0, 3), 0, exchanged=False, right_party=None)
        if reason == "off_or_suspended":
            line = "off" if dice.below(3) else "suspended"
            return CallOutcome("not_in_service", line, 0, 0, exchanged=False, right_party=None)
        if reason == "machine":
            talk = dice.between(2, 5)
            return CallOutcome(
                "voicemail_limited", "answered", dice.between(6, 25), talk, exchanged=False, right_party=None
            )
        return CallOutcome("no_answer", "no_answer", ring, 0, exchanged=False, right_party=None)


@lru_cache(maxsize=2)
def behaviour_of(calibration: Calibration) -> Behaviour:
    """The behaviour of one calibration, prepared on first use."""
    return Behaviour(load_parameters(calibration))


def index_of(truth_key: str) -> int:
    """The index behind a truth key: a customer number of a generated book, else a number drawn from the key itself."""
    if truth_key[:1] == "C" and truth_key[1:].isdecimal() and truth_key.isascii() and len(truth_key) == 10:
        return int(truth_key[1:])
    return int.from_bytes(blake2b(truth_key.encode("utf-8"), digest_size=7).digest(), "little")


def answer(
    truth_key: str,
    seed: int,
    at: datetime,
    channel: str,
    *,
    attempts_today: int,
    dpd: int,
    calibration: Calibration = "prime",
) -> CallOutcome:
    """What comes of a contact on the demonstration day; the same arguments always give the same outcome.

    `truth_key`: the customer number. `attempts_today`: dials to this person before this one. The day stands after the
    year of history: whatever happens to the person in that year has happened.
    Refuses: an instant without an offset, a channel that nobody answers (ValueError).
    """
    if at.tzinfo is None:
        raise ValueError("the instant of a contact needs an offset")
    local = at.astimezone(BEIJING)
    model = behaviour_of(calibration)
    truth = truth_source(model.parameters, seed)(index_of(truth_key))
    stamp = f"{truth_key}|{local.isoformat()}|{channel}|{attempts_today}|{dpd}"
    dice = Dice(seed, "answer", int.from_bytes(blake2b(stamp.encode("utf-8"), digest_size=8).digest(), "little"))
    if channel != "voice":
        return _message_outcome(channel, truth, dpd)
    if truth.deceased >= 0:
        return model.unanswered(dice)
    day = local.date()
    festival = day.toordinal() in model.seasons.festival_days
    threshold = model.answers(dpd, local.hour, attempts_today, festival=festival, pays_soon=-1)
    told = model.dial(dice, truth, dpd, threshold, gone=truth.reassigned >= 0)
    return _after_talk(told, model, dice, day, dpd) if told.right_party else told


def _message_outcome(channel: str, truth: Truth, dpd: int) -> CallOutcome:
    if channel not in ("sms", "im", "email", "app", "letter"):
        raise ValueError(
            f"no behaviour is modelled for the channel `{channel}`; use voice, sms, im, email, app or letter"
        )
    dead = channel == "sms" and truth.is_lost(dpd) and truth.number_dead
    return CallOutcome("undelivered" if dead else "delivered", "", 0, 0, exchanged=False, right_party=None)


def _after_talk(told: CallOutcome, model: Behaviour, dice: Dice, day: date, dpd: int) -> CallOutcome:
    chances = model.promising(dpd)
    word = dice.word()
    pays_on = None
    if word < chances.pays_in_horizon:
        days = 1 + dice.below(3) if word < chances.pays_in_3 else 4 + dice.below(model.horizon - 3)
        pays_on = day + timedelta(days=days)
    promised_on = None
    if dice.happens(chances.promises_if_pays if pays_on else chances.promises_if_not):
        latest = day + timedelta(days=model.horizon)
        promised_on = (
            pays_on + timedelta(days=dice.below((latest - pays_on).days + 1))
            if pays_on
            else day + timedelta(days=1 + dice.below(model.horizon))
        )
    share = 100 if promised_on and dice.below(10) < 8 else 50
    return CallOutcome(
        told.outcome, told.line_result, told.ring_seconds, told.talk_seconds, told.exchanged, told.right_party,
        share if promised_on else 0, promised_on, pays_on,
    )  # fmt: skip


def plan_instalment_paid(truth_key: str, seed: int, n: int, *, calibration: Calibration = "prime") -> bool:
    """Whether the n-th instalment of a plan is paid, all before it having been paid. Boundary: n from 1."""
    shares = load_parameters(calibration).shares
    missed, twelve = shares["plans.first_instalment_missed"], shares["plans.survive_twelve_months"]
    keeps = 1 - missed if n == 1 else ((twelve / (1 - missed)).ln() / 11).exp()
    return Dice(seed, "plan", index_of(truth_key) * 64 + n).word() < int(keeps * WORD)
