"""The withdrawal of an import in one transaction.

Entries that compensate, reversals of payments, cases closed as withdrawn.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections, transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.debts.models import Debt, Entry, Payment
from zhizhi.store.ids import ids
from zhizhi.store.imports.models import ImportedFile
from zhizhi.store.imports.resolve import insert_rows
from zhizhi.store.imports.rows import leaf_of_withdrawal
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.import_ledger import PAYMENT_COLUMNS, post_entries
from zhizhi.store.transact.owed import COMPONENTS, reopen_instalments, restore
from zhizhi.store.transact.payments import refresh_debt

WITHDRAWABLE = ("accounts", "instalments", "payments", "promises", "stops")


class WithdrawRefused(Refused):
    """The import cannot be withdrawn."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which file is taken back, why and by whom; with `only_lender_id` a file of another lender is none at all."""

    file_id: int
    ground: str
    by: str
    only_lender_id: int | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was compensated."""

    debts: int = 0
    restored_debts: int = 0
    payments: int = 0
    cases: int = 0
    others: int = 0

    def to_document(self) -> dict[str, int]:
        """For the leaf."""
        return {
            "debts": self.debts,
            "restored_debts": self.restored_debts,
            "payments": self.payments,
            "cases": self.cases,
            "others": self.others,
        }


def withdraw(wanted: Withdrawal, *, today: date, at: datetime) -> Withdrawn:
    """Withdraw a file. Refuses: an unknown one, one withdrawn before, a running one, a kind without compensation."""
    with transaction.atomic(using="gate", durable=True):
        file = ImportedFile.objects.using("gate").select_for_update().filter(id=wanted.file_id).first()
        if file is not None and wanted.only_lender_id not in (None, file.lender_id):
            file = None
        _refuse_unless_fit(file, wanted.file_id)
        assert file is not None
        done = _Compensation(file, today, at).run()
        file.state, file.withdrawn_at = "withdrawn", at
        file.save(using="gate", update_fields=["state", "withdrawn_at"])
        leaf_of_withdrawal(file, at, {"ground": wanted.ground, "by": wanted.by, "done": done.to_document()})
    return done


def _refuse_unless_fit(file: ImportedFile | None, file_id: int) -> None:
    if file is None:
        raise WithdrawRefused("no_such_import", Text(f"没有导入 {file_id}", f"there is no import {file_id}"))
    if file.state == "withdrawn":
        raise WithdrawRefused(
            "withdrawn_before",
            Text(
                f"导入 {file_id} 此前已撤回，未做任何改动",
                f"import {file_id} was withdrawn before; nothing was changed",
            ),
        )
    if file.state in ("waiting",):
        raise WithdrawRefused(
            "not_started", Text(f"导入 {file_id} 尚未开始", f"import {file_id} has not begun; nothing to withdraw")
        )
    if file.kind not in WITHDRAWABLE:
        listed = ", ".join(WITHDRAWABLE)
        raise WithdrawRefused(
            "kind_stays",
            Text(
                f"{file.kind} 类导入是历史事实，不能撤回，只能更正；可撤回：{listed}",
                f"imports of {file.kind} are facts of the past and stay, help: correct them; withdrawable: {listed}",
            ),
        )


class _Compensation:
    """The rows of one withdrawal."""

    def __init__(self, file: ImportedFile, today: date, at: datetime) -> None:
        self._file = file
        self._today = today
        self._at = at

    def run(self) -> Withdrawn:
        payments = self._reverse_payments()
        debts, restored = self._withdraw_debts()
        cases = self._close_cases()
        return Withdrawn(debts, restored, payments, cases, self._others())

    def _reverse_payments(self) -> int:
        """A reversal for each payment of the file that was not reversed; what it paid is owed again."""
        rows = Payment.objects.using("gate").filter(import_id=self._file.id, kind="payment").order_by("person_id", "id")
        reversed_ids = set(
            Payment.objects.using("gate")
            .filter(reverses_id__isnull=False)
            .filter(person_id__in=rows.values("person_id"))
            .values_list("reverses_id", flat=True)
        )
        made, count = [], 0
        for payment in rows.iterator(chunk_size=1000):
            if payment.id in reversed_ids:
                continue
            reversal_id = ids.take()
            made.append(
                (
                    payment.person_id,
                    reversal_id,
                    payment.debt_id,
                    "reversal",
                    self._today,
                    payment.amount_minor,
                    payment.applied_minor,
                    payment.reference_key,
                    payment.id,
                    "withdrawal",
                    self._at,
                    self._file.id,
                )
            )
            self._owe_again(payment, reversal_id)
            count += 1
        insert_rows(
            "payment",
            PAYMENT_COLUMNS,
            made,
        )
        return count

    def _owe_again(self, payment: Payment, reversal_id: int) -> None:
        posted = Entry.objects.using("gate").filter(
            person_id=payment.person_id, debt_id=payment.debt_id, payment_id=payment.id, kind="payment"
        )
        parts = {entry.component: int(entry.amount_minor) for entry in posted}
        if not parts:
            return
        debt = Debt.objects.using("gate").get(person_id=payment.person_id, id=payment.debt_id)
        restore(debt, parts)
        reopen_instalments(debt.person_id, debt.id, sum(parts.values()))
        refresh_debt(debt, self._today)
        self._post(debt, "reversal", parts, is_credit=False, payment_id=reversal_id)

    def _withdraw_debts(self) -> tuple[int, int]:
        """Debts that the file brought owe nothing any more; those that it changed are put back to what they were."""
        brought = restored = 0
        for debt, is_new in self._touched():
            if is_new:
                parts = {part.value: minor for part in COMPONENTS if (minor := getattr(debt, f"{part.value}_minor"))}
                self._post(debt, "withdrawal", parts, is_credit=True)
                Debt.objects.using("gate").filter(person_id=debt.person_id, id=debt.id).update(
                    **{f"{part.value}_minor": 0 for part in COMPONENTS},
                    balance_minor=0,
                    state="settled",
                    oldest_unpaid_due_on=None,
                    row_digest=b"",
                )
                brought += 1
            else:
                self._put_back(debt)
                restored += 1
        return brought, restored

    def _touched(self) -> Iterator[tuple[Debt, bool]]:
        if self._file.kind != "accounts":
            return
        debts = Debt.objects.using("gate").filter(import_id=self._file.id).order_by("person_id", "id")
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "SELECT f.row_id FROM former_row f JOIN debt d ON d.person_id = f.person_id AND d.id = f.row_id"
                " WHERE f.\"table\" = 'debt' AND d.import_id = %s AND (f.was ->> 'import_id')::bigint IS DISTINCT"
                " FROM %s",
                [self._file.id, self._file.id],
            )
            changed = {row[0] for row in cursor.fetchall()}
        for debt in debts.iterator(chunk_size=1000):
            yield debt, debt.id not in changed

    def _put_back(self, debt: Debt) -> None:
        """The amounts before the file, less what was paid since: the adjustment is taken back entry by entry."""
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "SELECT component, sum(CASE WHEN is_credit THEN amount_minor ELSE -amount_minor END)::bigint FROM entry"
                " WHERE person_id = %s AND debt_id = %s AND import_id = %s AND kind = 'adjustment' GROUP BY component",
                [debt.person_id, debt.id, self._file.id],
            )
            adjusted = {component: minor for component, minor in cursor.fetchall() if minor}
            cursor.execute(
                "SELECT was FROM former_row WHERE person_id = %s AND row_id = %s AND \"table\" = 'debt'"
                " AND (was ->> 'import_id')::bigint IS DISTINCT FROM %s ORDER BY id DESC LIMIT 1",
                [debt.person_id, debt.id, self._file.id],
            )
            was = json.loads(cursor.fetchone()[0])
        for is_credit in (True, False):
            # What the file lowered is owed again, what it raised is not, as far as it is still there.
            parts = {
                part: min(minor, getattr(debt, f"{part}_minor")) if is_credit else minor
                for part, minor in ((part, -minor if is_credit else minor) for part, minor in adjusted.items())
                if minor > 0
            }
            self._post(debt, "withdrawal", parts, is_credit=is_credit)
            for part, minor in parts.items():
                setattr(debt, f"{part}_minor", getattr(debt, f"{part}_minor") + (-minor if is_credit else minor))
        balance = sum(getattr(debt, f"{part.value}_minor") for part in COMPONENTS)
        Debt.objects.using("gate").filter(person_id=debt.person_id, id=debt.id).update(
            **{f"{part.value}_minor": getattr(debt, f"{part.value}_minor") for part in COMPONENTS},
            balance_minor=balance,
            state=was["state"],
            oldest_unpaid_due_on=was["oldest_unpaid_due_on"],
            as_of_on=was["as_of_on"],
            import_id=was["import_id"],
            row_digest=b"",
        )

    def _post(
        self, debt: Debt, kind: str, parts: Mapping[str, int], *, is_credit: bool, payment_id: int | None = None
    ) -> None:
        post_entries(
            debt.person_id,
            debt.id,
            kind,
            parts,
            payment_id=payment_id,
            on=self._today,
            at=self._at,
            is_credit=is_credit,
            file_id=self._file.id,
        )

    def _close_cases(self) -> int:
        """Cases of persons whose debts all came with the file end as withdrawn; nothing that waits leaves any more."""
        if self._file.kind != "accounts":
            return 0
        with connections["gate"].cursor() as cursor:
            cursor.execute(
                "UPDATE collection_case c SET closed_on = %s, exit = 'withdrawn', balance_minor = 0 WHERE"
                " c.closed_on IS NULL"
                " AND EXISTS (SELECT 1 FROM debt d WHERE d.person_id = c.person_id AND d.import_id = %s)"
                " AND NOT EXISTS (SELECT 1 FROM debt d WHERE d.person_id = c.person_id AND d.state <> 'settled')"
                " RETURNING c.person_id",
                [self._today, self._file.id],
            )
            people = [row[0] for row in cursor.fetchall()]
            cursor.execute("UPDATE person SET version = version + 1 WHERE id = ANY (%s)", [people])
        for person_id in people:
            cancel_waiting(person_id, self._at, "withdrawn")
        return len(people)

    def _others(self) -> int:
        """Promises end as broken, stops are lifted, instalments ask for nothing: rows stay, with their history."""
        statements = {
            "promises": "UPDATE promise SET state = 'broken', settled_on = %s WHERE import_id = %s AND state = 'open'",
            "stops": "UPDATE stop SET lifted_at = %s, lifted_by = 'withdrawal', lifted_ground = 'withdrawal'"
            " WHERE import_id = %s AND lifted_at IS NULL",
            "instalments": "UPDATE instalment SET amount_minor = 0, paid_minor = 0, paid_on = %s WHERE import_id = %s",
            "accounts": "UPDATE instalment SET amount_minor = 0, paid_minor = 0, paid_on = %s WHERE import_id = %s",
        }
        statement = statements.get(self._file.kind)
        if statement is None:
            return 0
        first = self._at if self._file.kind == "stops" else self._today
        with connections["gate"].cursor() as cursor:
            cursor.execute(statement, [first, self._file.id])
            return int(cursor.rowcount)
