"""What a day ends: offers that nobody accepted in time, and agreements that were not kept beyond their grace."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.reliefs.models import Relief
from zhizhi.store.reliefs.words import OPEN
from zhizhi.store.transact.person import writing
from zhizhi.store.transact.relief_money import end_agreement
from zhizhi.store.transact.relief_rows import debt_for_update, note_if_open

_EXPIRED = Text(
    "减免方案已过有效期，减免不再有效；现欠 {owed}", "the offer is over and waives nothing; {owed} is owed as before"
)
_BROKEN = Text(
    "协商还款方案未按期履行，已违约，减免不再有效；已到账 {received}，现欠 {owed}",
    "the plan was not kept and is broken, it waives nothing; {received} arrived, {owed} is owed",
)


@dataclass(frozen=True, slots=True)
class AgedReliefs:
    """What came to its end."""

    expired: int = 0
    broken: int = 0


def age_reliefs(lender_id: int, on: date, at: datetime) -> AgedReliefs:
    """End what is over on a day, person by person, each in its own transaction; doing it twice changes nothing."""
    due = Relief.objects.using("gate").filter(lender_id=lender_id, state__in=OPEN, ends_on__lte=on)
    ended = [
        _end(person_id, relief_id, on, at)
        for person_id, relief_id in due.order_by("person_id", "id").values_list("person_id", "id")
    ]
    return AgedReliefs(ended.count("expired"), ended.count("broken"))


def _end(person_id: int, relief_id: int, on: date, at: datetime) -> str | None:
    with writing(person_id) as person:
        # Money may have come between the question and the lock.
        relief = (
            Relief.objects.using("gate")
            .filter(person_id=person_id, id=relief_id, state__in=OPEN, ends_on__lte=on)
            .first()
        )
        if relief is None:
            return None
        was = relief.state
        state = "broken" if was == "accepted" and relief.kind != "lump_sum" else "expired"
        debt = debt_for_update(person_id, relief.debt_id)
        end_agreement(person, relief, debt, state, on=on, at=at)
        if was in ("given", "accepted"):
            words = _BROKEN if state == "broken" else _EXPIRED
            owed = Money(debt.balance_minor, Currency(relief.currency)).written()
            received = Money(relief.received_minor, Currency(relief.currency)).written()
            note_if_open(person, words.fill(owed=owed, received=received), "CALL", on, at)
        return state
