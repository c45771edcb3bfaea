"""An answer is committed with what it speaks of: one transaction around a use case and the row of its key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhizhi.store.leases.answers import Asked, kept_answer, load_answer
from zhizhi.store.operations.clock_guard import guard


def answered_once(asked: Asked, at: datetime, write: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `write` answers, or what the same request was answered before. Refuses: OtherRequest, and as `write`.

    Two of one key at once: the later one fails on the key, undoes all, and is given the first one's answer.
    """
    try:
        return _answer(asked, at, write)
    except IntegrityError:
        known = load_answer(asked)
        if known is None:  # it was not the key that failed
            raise
        return known


def _answer(asked: Asked, at: datetime, write: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    known = load_answer(asked)
    if known is not None:
        return known
    guard().look()  # before, so that no use case within writes what this process thinks of its clock
    with _one_transaction():
        answer = write()
        kept_answer(asked, answer, at).save(using="gate", force_insert=True)
    return answer


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Use cases commit for themselves; within this their commits are savepoints of one that comes at the end.

    Nobody has heard of what they wrote before that, so what they promise of being durable holds for the answer.
    """
    transaction.set_autocommit(False, using="gate")
    try:
        yield
        transaction.commit(using="gate")
    except BaseException:
        transaction.rollback(using="gate")
        raise
    finally:
        transaction.set_autocommit(True, using="gate")
