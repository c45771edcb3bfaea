"""A chunk of accounts is written: persons, parties, points, debts and the entries that explain every balance, set
by set."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.store.imports import staging
from zhizhi.store.imports.account_values import BuiltChunk, picked

COMPONENTS = ("principal", "term_interest", "penalty_interest", "compound_interest", "damages", "costs", "fees")
_MINOR = ", ".join(f"{part}_minor" for part in COMPONENTS)
_VALUES = ", ".join(f"({index}, '{part}', s.{part})" for index, part in enumerate(COMPONENTS))
_PAIRS = ", ".join(f"({index}, '{part}', s.{part}, d.{part}_minor)" for index, part in enumerate(COMPONENTS))
_SET_AMOUNTS = ", ".join(f"{part}_minor = s.{part}" for part in COMPONENTS)

# The order keeps every reference: persons, parties, points, debts, entries.
_NEW = (
    """INSERT INTO person (id, lender_id, subject, identity_key, customer_key, name_key, id_number_key,
    last_four_key, data_key, sealed,
                           masked, state, time_zones, version, import_id, created_at)
       SELECT person_id, lender_id, subject, identity_key, customer_key, name_key,
       nullif(id_number_key, -1), nullif(last_four_key, -1), data_key, person_sealed,
              masked, 'normal', '["Asia/Shanghai"]', 0, %(file)s, %(at)s FROM stage_account WHERE is_new_person""",
    """INSERT INTO party (person_id, id, role, sealed, import_id)
       SELECT person_id, party_id, 'debtor', party_sealed, %(file)s FROM stage_account WHERE is_new_person""",
    f"""INSERT INTO point (person_id, id, party_id, kind, sealed, value_key, last_four_key, is_reserved, source,
    import_id)
       SELECT person_id, id, party_id, ('{{{",".join(staging.POINT_KINDS)}}}'::text[])[kind + 1], sealed, value_key,
       nullif(last_four_key, -1), true, 'contract', %(file)s FROM stage_point""",
    f"""INSERT INTO debt (person_id, id, lender_id, account_key, sealed, product, currency, state, opened_on,
    oldest_unpaid_due_on,
                          {_MINOR}, balance_minor, rate_annual, agency_id, as_of_on, row_digest, import_id)
       SELECT person_id, debt_id, lender_id, account_key, debt_sealed, product, currency, state,
              nullif(opened_on, '-infinity'), nullif(oldest_on, '-infinity'),
              {", ".join(COMPONENTS)}, balance, rate::numeric, nullif(agency_id, -1), %(as_of)s, row_digest, %(file)s
       FROM stage_account WHERE is_new_debt""",
    f"""INSERT INTO entry (person_id, id, debt_id, at, "on", kind, component, is_credit, amount_minor, import_id)
       SELECT s.person_id, s.entry_id + c.n, s.debt_id, %(at)s, %(as_of)s, 'opening', c.component, false, c.amount,
       %(file)s
       FROM stage_account s CROSS JOIN LATERAL (VALUES {_VALUES}) AS c (n, component, amount)
       WHERE s.is_new_debt AND c.amount > 0""",
)
# A changed row says what was owed at its own day; money that arrived after that day stays credited.
_CREDIT_LATER_PAYMENTS = f"""
UPDATE stage_account s SET {", ".join(f"{part} = greatest(0, s.{part} - p.{part})" for part in COMPONENTS)}
FROM (SELECT e.person_id, e.debt_id, {
    ", ".join(
        f"coalesce(sum(CASE WHEN e.is_credit THEN e.amount_minor ELSE -e.amount_minor END) FILTER (WHERE e.component"
        f" = '{part}'), 0) AS {part}"
        for part in COMPONENTS
    )
}
      FROM entry e JOIN stage_account t ON t.person_id = e.person_id AND t.debt_id = e.debt_id AND NOT t.is_new_debt
      WHERE e.kind IN ('payment', 'reversal') AND e."on" > %(as_of)s GROUP BY e.person_id, e.debt_id) p
WHERE s.person_id = p.person_id AND s.debt_id = p.debt_id
"""
_CHANGED = (
    "ANALYZE stage_account",
    _CREDIT_LATER_PAYMENTS,
    f"UPDATE stage_account SET balance = {' + '.join(COMPONENTS)} WHERE NOT is_new_debt",
    f"""INSERT INTO entry (person_id, id, debt_id, at, "on", kind, component, is_credit, amount_minor, import_id)
       SELECT s.person_id, s.entry_id + c.n, s.debt_id, %(at)s, %(as_of)s, 'adjustment', c.component, c.now < c.was,
       abs(c.now - c.was), %(file)s
       FROM stage_account s JOIN debt d ON d.person_id = s.person_id AND d.id = s.debt_id
       CROSS JOIN LATERAL (VALUES {_PAIRS}) AS c (n, component, now, was)
       WHERE NOT s.is_new_debt AND c.now <> c.was""",
    f"""UPDATE debt d SET {_SET_AMOUNTS}, balance_minor = s.balance, product = s.product, state = s.state,
              opened_on = coalesce(nullif(s.opened_on, '-infinity'), d.opened_on),
              oldest_unpaid_due_on = nullif(s.oldest_on, '-infinity'),
              rate_annual = coalesce(s.rate::numeric, d.rate_annual), agency_id = nullif(s.agency_id, -1),
              as_of_on = %(as_of)s,
              row_digest = s.row_digest, import_id = %(file)s
       FROM stage_account s WHERE d.person_id = s.person_id AND d.id = s.debt_id AND NOT s.is_new_debt""",
)
_MONTHS = (
    """INSERT INTO instalment (person_id, id, debt_id, n, due_on, amount_minor, paid_minor, paid_on, import_id)
       SELECT person_id, id, debt_id, n, due_on, amount, paid, paid_on, %(file)s FROM stage_instalment
       ON CONFLICT (person_id, debt_id, n) DO UPDATE SET due_on = excluded.due_on, amount_minor = excluded.amount_minor,
           paid_minor = excluded.paid_minor, paid_on = excluded.paid_on
       WHERE (instalment.due_on, instalment.amount_minor, instalment.paid_minor, instalment.paid_on)
             IS DISTINCT FROM (excluded.due_on, excluded.amount_minor, excluded.paid_minor, excluded.paid_on)""",
    # Already in the amounts of the debt: the row says that the money came, no entry lowers anything a second time.
    """INSERT INTO payment (person_id, id, debt_id, kind, paid_on, amount_minor, applied_minor, reference_key,
    source, recorded_at, import_id)
       SELECT person_id, id, debt_id, 'payment', paid_on, amount, amount, reference_key, 'statement', %(at)s,
       %(file)s FROM stage_payment
       ON CONFLICT (person_id, reference_key, kind) DO NOTHING""",
)
_RENAME = """UPDATE person SET sealed = %s, masked = %s, name_key = %s, id_number_key = coalesce(%s, id_number_key),
                    last_four_key = coalesce(%s, last_four_key) WHERE id = %s"""


def write_accounts(built: BuiltChunk, *, leave_out: AbstractSet[int], file_id: int, as_of: date, at: datetime) -> None:
    """Write the built rows but those whose position is in `leave_out`; the caller's transaction on `gate` is open."""
    keep: Sequence[int] = range(len(built.positions))
    if leave_out:
        keep = [index for index, position in enumerate(built.positions) if position not in leave_out]
    if not keep and not built.renamed and not built.former_points:
        return
    terms: dict[str, Any] = {"file": file_id, "as_of": as_of, "at": at}
    with connections["gate"].cursor() as cursor:
        cursor.execute(staging.TEMPORARY_TABLES)
        _copy(cursor, "stage_account", picked(built.accounts, keep))
        _copy(cursor, "stage_point", picked(built.points, keep))
        for statement in _NEW:
            cursor.execute(statement, terms)
        if not all(picked(built.is_new, keep)):
            for statement in _CHANGED:
                cursor.execute(statement, terms)
        if any(built.instalments) or any(built.payments):
            _copy(cursor, "stage_instalment", picked(built.instalments, keep))
            _copy(cursor, "stage_payment", picked(built.payments, keep))
            for statement in _MONTHS:
                cursor.execute(statement, terms)
        _rename(cursor, built.renamed)
        _forget_points(cursor, built.former_points)
        # The same transaction may write a second part: what has to wait for the first.
        cursor.execute("TRUNCATE stage_account, stage_point, stage_instalment, stage_payment")


def _copy(cursor: Any, table: str, records: Iterable[bytes]) -> None:
    with cursor.cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(staging.HEADER + b"".join(records) + staging.TRAILER)


def _rename(cursor: Any, renamed: Sequence[tuple[Any, ...]]) -> None:
    for person_id, party_id, sealed, masked, party_sealed, name_key, id_number_key, last_four_key in renamed:
        cursor.execute(_RENAME, [sealed, masked, name_key, id_number_key, last_four_key, person_id])
        cursor.execute(
            "UPDATE party SET sealed = %s WHERE person_id = %s AND id = %s", [party_sealed, person_id, party_id]
        )
        cursor.execute(
            "UPDATE collection_case SET masked = %s WHERE person_id = %s AND closed_on IS NULL", [masked, person_id]
        )


def _forget_points(cursor: Any, former: Sequence[tuple[int, int]]) -> None:
    """A number that the row no longer holds is not the one left with the lender any more; nothing is deleted."""
    if former:
        people, points = zip(*former, strict=True)
        cursor.execute(
            "UPDATE point SET is_reserved = false FROM unnest(%s::bigint[], %s::bigint[]) AS f (person_id, id)"
            " WHERE point.person_id = f.person_id AND point.id = f.id"
            # The number may be that of another account of the person: only a person with one account has given it up.
            " AND (SELECT count(*) FROM debt d WHERE d.person_id = f.person_id) = 1",
            [list(people), list(points)],
        )
