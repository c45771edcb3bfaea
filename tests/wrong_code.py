"""Code that goes around the gate: raw SQL as the application's own login, which asks no law and compares no version."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from book import Borrower
from zhizhi.store.ids import ids

Login = psycopg.Connection[Any]
MINTED = "RestrictViolation"


def mint(
    gate: Login,
    who: Borrower,
    at: datetime,
    *,
    channel: str = "voice",
    form: str = "interactive",
    purpose: str = "collect",
    collector: str = "L1",
    point: int | None = None,
    lasts: timedelta = timedelta(minutes=5),
    budgets: Sequence[dict[str, object]] = (),
    origin: str = "system",
    packs: Sequence[dict[str, object]] = (),
    state: str = "open",
    used_at: datetime | None = None,
) -> int:
    """A decision that nobody took and a permit for it; the transaction is the caller's. Answers the permit."""
    decision, permit = ids.take_many(2)
    point = point or who.mobile
    proposed = {
        "at": at.isoformat(), "channel": channel, "party": f"p{who.party}", "point": f"m{point}", "form": form,
        "purpose": purpose,
    }  # fmt: skip
    facts = {"proposed": proposed, "collector": {"id": collector}}
    body = {"verdict": "permit", "budgets": list(budgets), "packs": list(packs), "must_end_by": None}
    gate.execute(
        "INSERT INTO decision (person_id, id, at, verdict, channel, rule, facts, body, by)"
        " VALUES (%s, %s, %s, 'permit', %s, '', %s, %s, 'nobody')",
        [who.person, decision, at, channel, Jsonb(facts), Jsonb(body)],
    )
    gate.execute(
        "INSERT INTO permit (person_id, id, decision_id, lender_id, party_id, point_id, channel, form, purpose, debts,"
        " collector, content_digest, minted_at, not_before, expires_at, origin, state, used_at)"
        " SELECT p.id, %s, %s, p.lender_id, %s, %s, %s, %s, %s, '[]', %s, repeat('0', 64), %s, %s, %s, %s, %s, %s"
        " FROM person p WHERE p.id = %s",
        [
            permit, decision, who.party, point, channel, form, purpose, collector, at, at, at + lasts, origin, state,
            used_at, who.person,
        ],
    )  # fmt: skip
    return permit


def minted(gate: Login, who: Borrower, at: datetime, **changes: Any) -> str | None:
    """Try it in a transaction of its own; None where it stands, else the name of the refusal."""
    try:
        with gate.transaction():
            mint(gate, who, at, **changes)
    except psycopg.Error as refused:
        return type(refused).__name__
    return None


def use(gate: Login, who: Borrower, permit: int, at: datetime, outcome: str | None, **facts: Any) -> None:
    """The permit is used and the contact written, as if a channel had done it."""
    columns = "".join(f", {name}" for name in facts)
    values = ", %s" * len(facts)
    with gate.transaction():
        gate.execute(
            "UPDATE permit SET state = 'used', used_at = %s WHERE person_id = %s AND id = %s", [at, who.person, permit]
        )
        gate.execute(
            "INSERT INTO contact (person_id, id, at, channel, direction, party_id, point_id, form, purpose, collector,"
            f" collector_kind, permit_id, outcome{columns})"
            " SELECT person_id, %s, used_at, channel, 'out', party_id, point_id, form, purpose, collector, 'lender',"
            f" id, %s{values} FROM permit WHERE person_id = %s AND id = %s",
            [ids.take(), outcome, *facts.values(), who.person, permit],
        )


def give_back(gate: Login, who: Borrower, permit: int, at: datetime) -> None:
    """The permit is given back; nothing left."""
    gate.execute(
        "UPDATE permit SET state = 'released', released_at = %s, released_because = 'test'"
        " WHERE person_id = %s AND id = %s",
        [at, who.person, permit],
    )
