"""触达尝试: what was asked of the law on a day, who is near a cap, and every contact with a third person."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.figure import Asked, Figure, Unit
from zhizhi.store.keyring import list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select

THIRD_PERSONS_MAX = 200
_DECISIONS = """
SELECT d.person_id, coalesce(c.product, '') AS product, 0::bigint AS amount_minor, d.at
FROM decision d
JOIN person p ON p.id = d.person_id
LEFT JOIN LATERAL (SELECT c.product FROM collection_case c WHERE c.person_id = d.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
WHERE d.at >= %(from_at)s AND d.at < %(until_at)s AND (%(lender)s::bigint IS NULL OR p.lender_id = %(lender)s)
  AND {which}
"""
PERMITTED = Figure(
    "permitted",
    Text("准许", "Permitted"),
    Text("当日判定为准许的触达", "contacts that the law permitted on the day"),
    Unit.ROWS,
    _DECISIONS.format(which="d.verdict = 'permit'"),
)
REFUSED = Figure(
    "refused",
    Text("拒绝", "Refused"),
    Text("当日判定为禁止的触达", "contacts that the law forbade on the day"),
    Unit.ROWS,
    _DECISIONS.format(which="d.verdict IN ('forbid', 'presumed_violation')"),
)
HELD = Figure(
    "held",
    Text("待核定", "Held"),
    Text("当日因事实不明待人工核定的触达", "contacts that wait for a person because a fact is not known"),
    Unit.ROWS,
    _DECISIONS.format(which="d.verdict = 'hold'"),
)
# A slot is the number that a permit takes of a cap of one day; the last but one and the last are near.
_SLOTS = """
SELECT s.person_id, coalesce(c.product, '') AS product, 0::bigint AS amount_minor, p.minted_at AS at
FROM permit_slot s
JOIN permit p ON p.person_id = s.person_id AND p.id = s.permit_id
LEFT JOIN LATERAL (SELECT c.product FROM collection_case c WHERE c.person_id = s.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
WHERE s.on_day = %(on)s AND p.minted_at < %(as_of)s
  AND (%(lender)s::bigint IS NULL OR p.lender_id = %(lender)s) AND {which}
"""
AT_CAP = Figure(
    "at_cap",
    Text("次数已满", "At a cap"),
    Text("当日至少一条按日次数规则已用满的客户", "persons of whom a cap of the day is used up"),
    Unit.PERSONS,
    _SLOTS.format(which="s.number >= s.bound"),
)
NEAR_CAP = Figure(
    "near_cap",
    Text("临近上限", "One before a cap"),
    Text("当日至少一条按日次数规则只剩一次的客户", "persons of whom one contact is left under a cap of the day"),
    Unit.PERSONS,
    _SLOTS.format(
        which="""s.number = s.bound - 1
  AND NOT EXISTS (SELECT 1 FROM permit_slot n WHERE n.person_id = s.person_id AND n.rule = s.rule
                  AND n.key = s.key AND n.on_day = s.on_day AND n.number > s.number)"""
    ),
)


@dataclass(frozen=True, slots=True)
class ThirdPersonContact:
    """A contact with somebody who is not the debtor, and on which ground it was permitted; the name is masked."""

    case_number: str
    name: str
    at: datetime
    channel: str
    role: str
    purpose: str
    is_lost: bool
    about_debt: bool | None
    decision_id: int | None


_THIRD_PERSONS = """
SELECT coalesce(c.number, ''), p.id, p.lender_id, p.masked, t.at, t.channel, y.role, coalesce(t.purpose, ''),
    coalesce(c.is_lost_contact, false), t.about_debt, m.decision_id
FROM contact t
JOIN party y ON y.person_id = t.person_id AND y.id = t.party_id AND y.role <> 'debtor'
JOIN person p ON p.id = t.person_id
LEFT JOIN permit m ON m.person_id = t.person_id AND m.id = t.permit_id
LEFT JOIN LATERAL (SELECT c.number, c.is_lost_contact FROM collection_case c WHERE c.person_id = t.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
WHERE t.at >= %(from_at)s AND t.at < %(until_at)s AND t.direction = 'out' AND t.import_id IS NULL
  AND (%(lender)s::bigint IS NULL OR p.lender_id = %(lender)s)
ORDER BY t.at, t.id LIMIT %(limit)s
"""


def load_third_persons(asked: Asked) -> list[ThirdPersonContact]:
    """The contacts of a day with others than the debtor, one by one, at most `THIRD_PERSONS_MAX`."""
    found = select(_THIRD_PERSONS, asked.values() | {"limit": THIRD_PERSONS_MAX})
    return [
        ThirdPersonContact(number, Masked.open(list_seal(lender), bytes(masked), person).name, *rest)
        for number, person, lender, masked, *rest in found
    ]
