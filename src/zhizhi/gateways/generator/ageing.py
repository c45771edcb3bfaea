"""How arrears grow old or are cured: the roll rates of the calibration, paydays and the Spring Festival."""

from bisect import bisect_right
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from zhizhi.gateways.generator.parameters import Parameters
from zhizhi.gateways.generator.seasons import Seasons
from zhizhi.gateways.generator.streams import chance

NEVER = 1 << 30
_PERIOD = 30
_LATER_PERIODS = 60


class Cure(NamedTuple):
    """Days past due when everything due was paid, else `NEVER`. `plan`: left M1 through a plan."""

    days: int
    by_debit: bool
    plan: bool


def bucket_of(days_past_due: int) -> str:
    """`m1` to `m4` (and later) by days past due."""
    if days_past_due <= 30:
        return "m1"
    if days_past_due <= 60:
        return "m2"
    return "m3" if days_past_due <= 90 else "m4"


class Ageing:
    """Draws of the fate of one unpaid instalment."""

    def __init__(self, parameters: Parameters, seasons: Seasons) -> None:
        """Tables from the parameters of one calibration."""
        shares, self._chances = parameters.shares, parameters.chances
        collected = shares["calibration.collected_within_30_days"]
        first_day = shares["ageing.debit_on_day_1"]
        mean = parameters.numbers["ageing.cure_days_mean"]
        weights = [(-Decimal(day - 2) / mean).exp() for day in range(2, 31)]
        tail = (collected - first_day) / sum(weights)
        self._by_day = [Decimal(0), first_day, *(weight * tail for weight in weights)]
        self._m1_edges = [chance(edge) for edge in accumulate(self._by_day[1:])]
        self._rolls = chance(1 - shares["calibration.roll_m1_m2"])
        later = shares["ageing.roll_later"]
        self._later_edges = [chance(1 - later**periods) for periods in range(1, _LATER_PERIODS)]
        self._rolled = shares["calibration.roll_m1_m2"]
        self._leaves = {
            "m2": 1 - shares["ageing.roll_m2_m3"],
            "m3": 1 - shares["ageing.roll_m3_m4"],
            "m4": 1 - later,
        }
        self._debit_days = parameters.day_lists["debit_m2"]
        # Of the cures in M2 so many come by a debit that one attempt succeeds with the share of the parameters.
        open_at_attempts = sum(1 - (1 - shares["ageing.roll_m2_m3"]) * (day - 30) / 30 for day in self._debit_days)
        by_debit = shares["ageing.debit_in_m2"] * open_at_attempts / (1 - shares["ageing.roll_m2_m3"])
        self._m2_by_debit = chance(by_debit)
        self._seasons = seasons

    def draw(self, drawn: tuple[int, ...], entry: int) -> Cure:
        """The cure of an instalment unpaid since the ordinal day `entry`, from six words."""
        if drawn[0] >= self._rolls:
            return self._later(drawn, entry)
        days = bisect_right(self._m1_edges, drawn[0]) + 1
        if days > _PERIOD:
            return Cure(NEVER, by_debit=False, plan=True)
        if days == 1:
            return Cure(1, by_debit=True, plan=False)
        return Cure(self._pulled(days, _PERIOD, drawn, entry), by_debit=False, plan=False)

    def earlier(self, drawn: tuple[int, ...], entry: int) -> Cure:
        """The same for a miss that is known to have been cured before the book was made."""
        if drawn[0] < self._chances["ageing.earlier_miss_reached_m2"]:
            days = 31 + (drawn[1] * _PERIOD >> 32)
            return Cure(self._pulled(days, 60, drawn, entry), by_debit=False, plan=False)
        days = bisect_right(self._m1_edges, drawn[1] * self._m1_edges[-1] >> 32) + 1
        if days == 1:
            return Cure(1, by_debit=True, plan=False)
        return Cure(self._pulled(days, _PERIOD, drawn, entry), by_debit=False, plan=False)

    def _later(self, drawn: tuple[int, ...], entry: int) -> Cure:
        if drawn[1] >= self._chances["ageing.roll_m2_m3"]:
            if drawn[4] < self._m2_by_debit:
                return Cure(self._debit_days[drawn[3] * len(self._debit_days) >> 32], by_debit=True, plan=False)
            return Cure(self._pulled(31 + (drawn[3] * _PERIOD >> 32), 60, drawn, entry), by_debit=False, plan=False)
        if drawn[2] >= self._chances["ageing.roll_m3_m4"]:
            return Cure(self._pulled(61 + (drawn[3] * _PERIOD >> 32), 90, drawn, entry), by_debit=False, plan=False)
        periods = bisect_right(self._later_edges, drawn[3])
        if periods >= len(self._later_edges):
            return Cure(NEVER, by_debit=False, plan=False)
        return Cure(91 + periods * _PERIOD + (drawn[4] * _PERIOD >> 32), by_debit=False, plan=False)

    def _pulled(self, days: int, last: int, drawn: tuple[int, ...], entry: int) -> int:
        """The same cure drawn to a payday or put off until after the festival, never into another bucket."""
        moved = entry + days
        if drawn[5] < self._chances["season.payday_pull"]:
            moved = self._seasons.payday_within(moved, 4)
        elif (drawn[5] * 7919) & 0xFFFFFFFF < self._chances["season.spring_festival_pull"]:
            moved = self._seasons.after_festival(moved)
        return moved - entry if moved - entry <= last else days

    def cure_within(self, days_past_due: int, days: int) -> Decimal:
        """The share of those still unpaid who pay in full within the next days. Boundary: from M3 on in proportion."""
        if days_past_due > 90:
            return self._leaves["m4"] / _PERIOD * days
        if days_past_due > 60:
            return self._leaves["m3"] / _PERIOD * days
        m2 = self._rolled * self._leaves["m2"] / _PERIOD
        m3 = self._rolled * (1 - self._leaves["m2"]) * self._leaves["m3"] / _PERIOD
        by_day = [*self._by_day, *([m2] * _PERIOD), *([m3] * _PERIOD)]
        still = 1 - sum(by_day[: days_past_due + 1])
        return Decimal(sum(by_day[days_past_due + 1 : days_past_due + 1 + days])) / still
