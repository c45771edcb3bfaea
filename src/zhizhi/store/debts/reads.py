"""What screens read about debts: what is owed, of what it is made, and what was paid."""

from dataclasses import dataclass
from datetime import date

from zhizhi.core.kernel.masks import HIDDEN, View
from zhizhi.store.debts.models import Debt
from zhizhi.store.keyring import Seal
from zhizhi.store.people.rows import mask_account, open_account_number

DEBTS_MAX = 100
COMPONENTS = (
    "principal",
    "term_interest",
    "penalty_interest",
    "compound_interest",
    "damages",
    "costs",
    "fees",
)


@dataclass(frozen=True, slots=True)
class DebtRow:
    """A debt on the case screen; its account number as the table of masks has it."""

    id: int
    account: str
    product: str
    currency: str
    state: str
    oldest_unpaid_due_on: date | None
    balance_minor: int
    components: tuple[tuple[str, int], ...]
    as_of_on: date

    def days_past_due(self, today: date) -> int:
        """Whole days since the oldest unpaid due day; 0 where nothing is overdue."""
        return max(0, (today - self.oldest_unpaid_due_on).days) if self.oldest_unpaid_due_on else 0


def load_debts(person_id: int, seal: Seal | None, view: View) -> list[DebtRow]:
    """The debts of a person, the largest first."""
    columns = ("id", "sealed", "product", "currency", "state", "oldest_unpaid_due_on", "balance_minor", "as_of_on")
    amounts = tuple(f"{component}_minor" for component in COMPONENTS)
    rows = Debt.objects.filter(person_id=person_id).order_by("-balance_minor", "id")
    debts = []
    for debt_id, sealed, product, currency, state, due_on, balance, as_of_on, *parts in rows.values_list(
        *columns, *amounts
    )[:DEBTS_MAX]:
        account = mask_account(open_account_number(seal, sealed, debt_id), view) if seal is not None else HIDDEN
        components = tuple((name, amount) for name, amount in zip(COMPONENTS, parts, strict=True) if amount)
        debts.append(DebtRow(debt_id, account, product, currency, state, due_on, balance, components, as_of_on))
    return debts
