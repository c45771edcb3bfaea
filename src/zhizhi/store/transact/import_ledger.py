"""Instalments and payments of a book. Money that the amounts of a debt already know lowers nothing a second time.

A payment on or before the day its debt's amounts speak of is history: the row is kept, no entry is posted. A later
one is
applied by the order of law, posts entries, settles instalments and silences what waits to leave; a reversal takes it
back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections

from zhizhi.core.debt.components import Component
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.debts.models import Debt, Entry, Instalment
from zhizhi.store.ids import ids
from zhizhi.store.imports.reads import load_codes
from zhizhi.store.imports.resolve import FoundDebt, Resolver, insert_rows
from zhizhi.store.people.models import Person
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.owed import (
    lower,
    of_instalments,
    parts_by_law,
    reopen_instalments,
    restore,
    settle_instalments,
)
from zhizhi.store.transact.payments import close_if_cured, count_on_promise, refresh_debt, uncount_on_promise
from zhizhi.store.transact.person import lock_persons
from zhizhi.store.transact.relief_money import count_on_relief, debts_agreed_on, paid_parts

_INSTALMENT = ("person_id", "id", "debt_id", "n", "due_on", "amount_minor", "paid_minor", "paid_on", "import_id")
PAYMENT_COLUMNS = (
    "person_id",
    "id",
    "debt_id",
    "kind",
    "paid_on",
    "amount_minor",
    "applied_minor",
    "reference_key",
    "reverses_id",
    "source",
    "recorded_at",
    "import_id",
)


def write_instalments(context: RowsContext, rows: Placed) -> Written:
    """Instalments by debt and number."""
    written = Written()
    resolver = _resolved(rows)
    debts = {position: resolver.debt(values["lender"], values["account"]) for position, values in rows}
    known = _known_instalments([debt for debt in debts.values() if debt is not None])
    made: list[tuple[Any, ...]] = []
    for position, values in rows:
        debt = debts[position]
        if debt is None:
            written.refused.append((position, *_no_debt(resolver, values)))
            continue
        key = (debt.id, values["n"])
        now = (values["due_on"], values["amount"], values["paid"] or 0, values["paid_on"])
        was = known.get(key)
        if was is None:
            made.append((debt.person_id, ids.take(), *key, *now, context.file_id))
            written.new += 1
        elif was[1] == context.file_id:
            written.refused.append((position, "n", "duplicate_in_file"))
            continue
        elif was[0] == now:
            written.unchanged += 1
        else:
            _change_instalment(debt, values["n"], now)
            written.changed += 1
        known[key] = (now, context.file_id)
    insert_rows("instalment", _INSTALMENT, made)
    return written


def _known_instalments(debts: list[FoundDebt]) -> dict[tuple[int, int], tuple[tuple[Any, ...], int | None]]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT debt_id, n, due_on, amount_minor, paid_minor, paid_on, import_id FROM instalment"
            " WHERE person_id = ANY (%s) AND debt_id = ANY (%s)",
            [list({debt.person_id for debt in debts}), list({debt.id for debt in debts})],
        )
        return {(row[0], row[1]): (tuple(row[2:6]), row[6]) for row in cursor.fetchall()}


def _change_instalment(debt: FoundDebt, n: int, now: tuple[Any, ...]) -> None:
    due_on, amount, paid, paid_on = now
    Instalment.objects.using("gate").filter(person_id=debt.person_id, debt_id=debt.id, n=n).update(
        due_on=due_on, amount_minor=amount, paid_minor=paid, paid_on=paid_on
    )


def write_payments(context: RowsContext, rows: Placed) -> Written:
    """Payments and reversals by reference, in the order of the file."""
    written = Written()
    resolver = _resolved(rows)
    ledger = _Ledger(context, resolver, rows)
    for position, values in rows:
        debt = resolver.debt(values["lender"], values["account"])
        if debt is None:
            written.refused.append((position, *_no_debt(resolver, values)))
            continue
        refusal = ledger.write(debt, values, written)
        if refusal is not None:
            written.refused.append((position, *refusal))
    ledger.flush()
    return written


@dataclass(frozen=True, slots=True)
class _KnownPayment:
    id: int
    debt_id: int
    amount: int
    applied: int
    paid_on: date
    is_history: bool


class _Ledger:
    """Payments of one chunk: what is known already, what is history, what is posted now."""

    def __init__(self, context: RowsContext, resolver: Resolver, rows: Placed) -> None:
        self._context = context
        self._resolver = resolver
        debts = [resolver.debt(values["lender"], values["account"]) for _, values in rows]
        people = sorted({debt.person_id for debt in debts if debt is not None})
        self._known = self._load(people)
        self._reversed = {reverses for _, _, reverses in self._reversals(people)}
        self._locked: set[int] = set()
        self._history: list[tuple[Any, ...]] = []
        self._paid: dict[FoundDebt, date] = {}
        self._agreed_on = debts_agreed_on(people)
        live = {
            debt.person_id
            for debt, (_, values) in zip(debts, rows, strict=True)
            if debt and (values["paid_on"] > debt.as_of or debt.id in self._agreed_on)
        }
        with connections["gate"].cursor() as cursor:
            # In the order of ids, so that two writers never wait for each other; each version moves on, as for every
            # write.
            cursor.execute(
                "UPDATE person SET version = version + 1 WHERE id IN (SELECT id FROM person WHERE id = ANY (%s)"
                " ORDER BY id FOR UPDATE)",
                [sorted(live)],
            )

    def write(self, debt: FoundDebt, values: Mapping[str, Any], written: Written) -> tuple[str, str] | None:
        """One row. Answers a refusal, or nothing."""
        keys = self._resolver.keys(self._resolver.lender(values["lender"]) or 0)
        reference = keys.identity("payment", values["reference"])
        known = self._known.get((debt.person_id, reference, values["kind"]))
        if known is not None:
            if (known.debt_id, known.amount, known.paid_on) != (debt.id, values["amount"], values["paid_on"]):
                return "reference", "reference_used"
            written.unchanged += 1
            return None
        reversed_payment = None
        if values["kind"] == "reversal":
            reversed_payment = self._known.get(
                (debt.person_id, keys.identity("payment", values["reverses"]), "payment")
            )
            refusal = self._wrong_reversal(reversed_payment, values["amount"])
            if refusal is not None:
                return refusal
        payment_id = ids.take()
        is_history = values["paid_on"] <= debt.as_of
        if is_history:
            applied = values["amount"]
        elif reversed_payment is not None:
            applied = self._take_back(debt, payment_id, reversed_payment, values)
        else:
            applied = self._apply(debt, payment_id, values)
        row = (
            debt.person_id,
            payment_id,
            debt.id,
            values["kind"],
            values["paid_on"],
            values["amount"],
            applied,
            reference,
            reversed_payment.id if reversed_payment is not None else None,
            values["source"] or "import",
            self._context.at,
            self._context.file_id,
        )
        self._history.append(row)
        self._paid[debt] = values["paid_on"]
        if not is_history:
            self.flush()
            self._leaf(debt, payment_id, values, applied)
        fact = _KnownPayment(payment_id, debt.id, values["amount"], applied, values["paid_on"], is_history)
        self._known[(debt.person_id, reference, values["kind"])] = fact
        if reversed_payment is not None:
            self._reversed.add(reversed_payment.id)
        written.new += 1
        return None

    def flush(self) -> None:
        """Insert the payment rows that wait, and count them on agreements: history too, which the amounts know."""
        insert_rows("payment", PAYMENT_COLUMNS, self._history)
        paid, self._history, self._paid = self._paid, [], {}
        for debt, paid_on in paid.items():
            if debt.id in self._agreed_on:
                self._count(debt, paid_on)

    def _count(self, debt: FoundDebt, paid_on: date) -> None:
        person = lock_persons([debt.person_id])[debt.person_id]
        row = Debt.objects.using("gate").get(person_id=debt.person_id, id=debt.id)
        if count_on_relief(person, row, paid_on, on=self._context.on, at=self._context.at):
            refresh_debt(row, self._context.on)
            close_if_cured(debt.person_id, self._context.on)

    def _wrong_reversal(self, reversed_payment: _KnownPayment | None, amount: int) -> tuple[str, str] | None:
        if reversed_payment is None:
            return "reverses", "no_such_payment"
        if reversed_payment.id in self._reversed:
            return "reverses", "already_reversed"
        if reversed_payment.amount != amount:
            return "amount", "reversal_differs"
        return None

    def _apply(self, debt: FoundDebt, payment_id: int, values: Mapping[str, Any]) -> int:
        """Fill the parts of the debt in the order of law; what is left over is surplus. Law: CC 561, CBRC 2011-2."""
        row = Debt.objects.using("gate").get(person_id=debt.person_id, id=debt.id)
        if debt.id in self._agreed_on:
            person = lock_persons([debt.person_id])[debt.person_id]
            applied_to = paid_parts(person, row, values["amount"], values["paid_on"], self._context.at)
        else:
            applied_to = parts_by_law(row, values["amount"], values["paid_on"])
        parts = {part.value: minor for part, minor in applied_to.items()}
        applied = sum(parts.values())
        self._post(debt, payment_id, "payment", parts, values["paid_on"], is_credit=True)
        lower(row, applied_to)
        settle_instalments(debt.person_id, row, of_instalments(row, applied_to), values["paid_on"])
        self._settle(row, applied, values["paid_on"])
        return applied

    def _take_back(
        self, debt: FoundDebt, payment_id: int, reversed_payment: _KnownPayment, values: Mapping[str, Any]
    ) -> int:
        """Post the entries of the payment the other way round; its instalments are open again, the newest first."""
        row = Debt.objects.using("gate").get(person_id=debt.person_id, id=debt.id)
        entries = Entry.objects.using("gate").filter(
            person_id=debt.person_id, debt_id=debt.id, payment_id=reversed_payment.id, kind="payment"
        )
        parts = {entry.component: int(entry.amount_minor) for entry in entries}
        if reversed_payment.is_history and not parts:
            # The amounts knew the payment; that it went back is news: what it had paid is owed again as principal.
            parts = {"principal": values["amount"]}
        restore(row, parts)
        self._post(debt, payment_id, "reversal", parts, values["paid_on"], is_credit=False)
        taken_back = {Component(part): minor for part, minor in parts.items()}
        reopen_instalments(debt.person_id, debt.id, of_instalments(row, taken_back))
        refresh_debt(row, self._context.on)
        uncount_on_promise(debt.person_id, sum(parts.values()), reversed_payment.paid_on, self._context.on)
        return sum(parts.values())

    def _settle(self, row: Debt, applied: int, paid_on: date) -> None:
        refresh_debt(row, self._context.on)
        count_on_promise(row.person_id, applied, paid_on)
        close_if_cured(row.person_id, self._context.on)
        cancel_waiting(row.person_id, self._context.at, "payment")

    def _post(
        self, debt: FoundDebt, payment_id: int, kind: str, parts: Mapping[str, int], on: date, *, is_credit: bool
    ) -> None:
        post_entries(
            debt.person_id,
            debt.id,
            kind,
            parts,
            payment_id=payment_id,
            on=on,
            at=self._context.at,
            is_credit=is_credit,
            file_id=self._context.file_id,
        )

    def _leaf(self, debt: FoundDebt, payment_id: int, values: Mapping[str, Any], applied: int) -> None:
        subject = Person.objects.using("gate").values_list("subject", flat=True).get(id=debt.person_id)
        facts = {
            "debt": debt.id,
            "kind": values["kind"],
            "amount_minor": values["amount"],
            "applied_minor": applied,
            "by": f"import {self._context.file_id}",
        }
        add_leaves([NewLeaf(LeafKind.PAYMENT, self._context.at, subject, facts, debt.person_id, payment_id)])

    def _load(self, people: list[int]) -> dict[tuple[int, UUID, str], _KnownPayment]:
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "SELECT p.person_id, p.reference_key, p.kind, p.id, p.debt_id, p.amount_minor, p.applied_minor,"
                " p.paid_on,"
                " NOT EXISTS (SELECT 1 FROM entry e WHERE e.person_id = p.person_id AND e.payment_id = p.id)"
                " FROM payment p WHERE p.person_id = ANY (%s)",
                [people],
            )
            return {(row[0], row[1], row[2]): _KnownPayment(*row[3:]) for row in cursor.fetchall()}

    def _reversals(self, people: list[int]) -> list[tuple[int, int, int]]:
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "SELECT person_id, id, reverses_id FROM payment WHERE person_id = ANY (%s) AND reverses_id IS NOT NULL",
                [people],
            )
            rows: list[tuple[int, int, int]] = cursor.fetchall()
            return rows


def post_entries(
    person_id: int,
    debt_id: int,
    kind: str,
    parts: Mapping[str, int],
    *,
    payment_id: int | None,
    on: date,
    at: Any,
    is_credit: bool,
    file_id: int | None,
) -> None:
    """Lines of the ledger, one a part."""
    Entry.objects.using("gate").bulk_create(
        Entry(
            person_id=person_id,
            id=ids.take(),
            debt_id=debt_id,
            at=at,
            on=on,
            kind=kind,
            component=part,
            is_credit=is_credit,
            amount_minor=minor,
            payment_id=payment_id,
            import_id=file_id,
        )
        for part, minor in parts.items()
    )


def _resolved(rows: Placed) -> Resolver:
    lenders, _ = load_codes()
    resolver = Resolver(lenders)
    resolver.load_debts((values["lender"], values["account"]) for _, values in rows)
    return resolver


def _no_debt(resolver: Resolver, values: Mapping[str, Any]) -> tuple[str, str]:
    lacks_lender = resolver.lender(values["lender"]) is None
    return ("lender", "unknown_lender") if lacks_lender else ("account", "unknown_account")
