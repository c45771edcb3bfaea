"""Masked values on the case, each with whether this desk may ask to see it in the clear."""

from collections.abc import Iterable
from dataclasses import dataclass

from zhizhi.core.kernel.masks import MaskKind
from zhizhi.store.debts.reads import DebtRow
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.people.reads import PartyRow, PointRow
from zhizhi.store.people.rows import KIND_OF_POINT
from zhizhi.store.unmasking.grounds import grounds_of
from zhizhi.web.console.actions import OWING


@dataclass(frozen=True, slots=True)
class Clearable:
    """A masked value; `may_ask`: there is a ground on which this desk may see it."""

    what: str
    id: int
    masked: str
    may_ask: bool


@dataclass(frozen=True, slots=True)
class ClearableParty:
    """Somebody of the case with their values, masked."""

    row: PartyRow
    name: Clearable
    id_number: Clearable | None
    points: tuple[tuple[PointRow, Clearable], ...]


class Clearing:
    """What one desk may ask to see of one person."""

    def __init__(self, desk: Desk, *, is_open: bool) -> None:
        self._desk = desk
        self._may = is_open and desk.may(Right.UNMASK)

    def parties(self, rows: Iterable[PartyRow], id_number: str | None) -> list[ClearableParty]:
        """The parties; the identity number is the debtor's."""
        return [self._party(row, id_number if row.role == "debtor" else None) for row in rows]

    def account(self, debt: DebtRow) -> Clearable:
        """The account number of a debt."""
        return self._clearable("account", debt.id, debt.account, MaskKind.ACCOUNT, is_third=False)

    def _party(self, row: PartyRow, id_number: str | None) -> ClearableParty:
        is_third = row.role not in OWING
        return ClearableParty(
            row=row,
            name=self._clearable("name", row.id, row.name, MaskKind.NAME, is_third=is_third),
            id_number=self._clearable("id_number", row.id, id_number, MaskKind.ID, is_third=is_third)
            if id_number
            else None,
            points=tuple((point, self._point(point, is_third=is_third)) for point in row.points),
        )

    def _point(self, point: PointRow, *, is_third: bool) -> Clearable:
        kind = KIND_OF_POINT.get(point.kind, MaskKind.HANDLE)
        return self._clearable("point", point.id, point.masked, kind, is_third=is_third)

    def _clearable(self, what: str, target_id: int, masked: str, kind: MaskKind, *, is_third: bool) -> Clearable:
        may_ask = self._may and bool(grounds_of(self._desk.role, kind, is_third=is_third))
        return Clearable(what, target_id, masked, may_ask)
