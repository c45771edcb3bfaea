"""Second factors and recovery codes in rows: what is sealed is opened here, and used once by a conditional update."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from zhizhi.store.sign_in.marks import factor_seal, keyed_mark
from zhizhi.store.sign_in.models import RecoveryCode, SecondFactor

CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else
CODE_LETTERS = 16  # 31 letters: 79 bits


@dataclass(frozen=True, slots=True)
class Factor:
    """A standing factor with what proves it."""

    id: int
    kind: str
    count: int
    opened: bytes = field(repr=False)


def load_factors(staff_id: int) -> list[Factor]:
    """The standing factors of a member. Refuses: KeyUnavailable."""
    rows = SecondFactor.objects.using("gate").filter(staff_id=staff_id, ended_at=None).order_by("pk")
    seal = factor_seal()
    return [Factor(row.pk, row.kind, row.count, seal.open(row.sealed, _place(staff_id, row.kind))) for row in rows]


def kinds_of(staff_id: int) -> set[str]:
    """Which kinds of factor a member has; nothing is opened."""
    rows = SecondFactor.objects.using("gate").filter(staff_id=staff_id, ended_at=None)
    return set(rows.values_list("kind", flat=True))


def add_factor(
    staff_id: int, kind: str, label: str, secret: bytes, at: datetime, *, mark: bytes | None = None, count: int = 0
) -> int:
    """Keep a factor that was just shown to work; the caller's transaction on `gate` is open."""
    row = SecondFactor.objects.using("gate").create(
        staff_id=staff_id,
        kind=kind,
        label=label,
        sealed=factor_seal().close(secret, _place(staff_id, kind)),
        mark=mark,
        count=count,
        added_at=at,
    )
    return row.pk


def has_passkey(mark: bytes) -> bool:
    """Whether a passkey of this id is or was somebody's."""
    return SecondFactor.objects.using("gate").filter(mark=mark).exists()


def use_count(factor_id: int, count: int, at: datetime) -> bool:
    """Take a step or count that is greater than all before; False where somebody was first, or it went back."""
    rows = SecondFactor.objects.using("gate").filter(pk=factor_id, ended_at=None, count__lt=count)
    return rows.update(count=count, used_at=at) == 1


def note_use(factor_id: int, at: datetime) -> bool:
    """A passkey that does not count was used; False where it ended meanwhile."""
    return SecondFactor.objects.using("gate").filter(pk=factor_id, ended_at=None, count=0).update(used_at=at) == 1


def end_factor(staff_id: int, factor_id: int, at: datetime) -> int:
    """The factor ends and what proved it is emptied; the caller's transaction on `gate` is open."""
    rows = SecondFactor.objects.using("gate").filter(staff_id=staff_id, pk=factor_id, ended_at=None)
    return rows.update(ended_at=at, sealed=b"")


def end_factors(staff_id: int, at: datetime) -> int:
    """All factors and codes of a member end; the caller's transaction on `gate` is open."""
    void_codes(staff_id, at)
    rows = SecondFactor.objects.using("gate").filter(staff_id=staff_id, ended_at=None)
    return rows.update(ended_at=at, sealed=b"")


def make_codes(staff_id: int, at: datetime) -> Sequence[str]:
    """New recovery codes in the place of those that were left; the caller's transaction on `gate` is open."""
    void_codes(staff_id, at)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS)) for _ in range(CODES)]
    fresh = [RecoveryCode(staff_id=staff_id, mark=_code_mark(staff_id, code), made_at=at) for code in codes]
    RecoveryCode.objects.using("gate").bulk_create(fresh)
    return ["-".join(code[start : start + 4] for start in range(0, CODE_LETTERS, 4)) for code in codes]


def void_codes(staff_id: int, at: datetime) -> int:
    """The codes that are left open nothing more."""
    return _left(staff_id).update(void_at=at)


def codes_left(staff_id: int) -> int:
    """How many codes still open."""
    return _left(staff_id).count()


def use_code(staff_id: int, written: str, at: datetime) -> bool:
    """Use a recovery code, however it is spaced; True once."""
    code = "".join(letter for letter in written.lower() if letter.isalnum())
    return _left(staff_id).filter(mark=_code_mark(staff_id, code)).update(used_at=at) == 1


def _left(staff_id: int) -> QuerySet[RecoveryCode]:
    return RecoveryCode.objects.using("gate").filter(staff_id=staff_id, used_at=None, void_at=None)


def _code_mark(staff_id: int, code: str) -> bytes:
    return keyed_mark("recovery", str(staff_id), code)


def _place(staff_id: int, kind: str) -> str:
    return f"second_factor/{staff_id}/{kind}"
