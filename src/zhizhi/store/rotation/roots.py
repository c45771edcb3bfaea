"""What is sealed under derived keys comes under those of the newest root: lists, and what is the product's."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from zhizhi.store.keyring import KeyUnavailable, algorithm, derived_seal, mark_of_root, service
from zhizhi.store.personal import Form
from zhizhi.store.rotation.columns import Key, SealedColumn, asked, columns_of, patiently, resealing

BATCH = 200
PASSES_MAX = 20
DERIVED = (Form.LISTED, Form.OF_PRODUCT)


def reseal_derived(told: Callable[[int], None]) -> tuple[int, int]:
    """Seal anew what is not under the newest root: how many values, and how many that no key opens (left as they are).

    As `rewrap`, a value that changes meanwhile is met by the next pass.
    """
    done, unopened = 0, 0
    for _ in range(PASSES_MAX):
        passed = [_pass(column, told) for column in columns_of(*DERIVED)]
        done, unopened = done + sum(one for one, _ in passed), sum(closed for _, closed in passed)
        if not any(one for one, _ in passed):
            break
    return done, unopened


def _pass(column: SealedColumn, told: Callable[[int], None]) -> tuple[int, int]:
    last: Key | None = None
    done = unopened = 0
    while rows := asked(*_question(column, last)):
        read = [column.row(row) for row in rows]
        last = read[-1][0]
        changes: list[tuple[Key, bytes, bytes]] = []
        for key, sealed, beside in read:
            seal, place = derived_seal(column.purpose(beside)), column.place(beside)
            try:
                changes.append((key, sealed, seal.close(seal.open(sealed, place), place)))
            except KeyUnavailable:
                unopened += 1
        done += patiently(partial(_put, column, changes))
        told(done)
    return done, unopened


def _put(column: SealedColumn, changes: Sequence[tuple[Key, bytes, bytes]]) -> int:
    with resealing():
        return column.write(changes)


def _question(column: SealedColumn, last: Key | None) -> tuple[str, list[Any]]:
    mark = _newest_mark()
    key = ", ".join(f'"{name}"' for name in column.key)
    begin = f" AND ({key}) > ({', '.join('%s' for _ in column.key)})" if last is not None else ""
    statement = (
        f'SELECT {column.fields} FROM {column.table} WHERE length("{column.column}") > 0'
        f' AND substring("{column.column}" FROM 1 FOR %s) <> %s{begin} ORDER BY {key} LIMIT %s'
    )
    return statement, [len(mark), mark, *(last or ()), BATCH]


def _newest_mark() -> bytes:
    return mark_of_root(algorithm(), service().newest_root())


def derived_counts() -> tuple[int, int]:
    """How many values stand under the newest root and the chosen cipher, of how many."""
    mark, newest, all_of_them = _newest_mark(), 0, 0
    for column in columns_of(*DERIVED):
        name = f'"{column.column}"'
        statement = (
            f"SELECT count(*) FILTER (WHERE substring({name} FROM 1 FOR %s) = %s), count(*)"
            f" FROM {column.table} WHERE length({name}) > 0"
        )
        ((there, here),) = asked(statement, [len(mark), mark])
        newest, all_of_them = newest + there, all_of_them + here
    return newest, all_of_them
