"""The first step of a run: the book is aged, its cases are assigned, and how it stands is kept, in one transaction."""

from datetime import datetime

from django.db import transaction

from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.assigning import assign_cases, assigning
from zhizhi.store.transact.debt_days import keep_debt_day
from zhizhi.store.transact.runs import RunState, move_run


def start_day(run: RunState, rules: EntryRules, at: datetime) -> None:
    """Age and assign; a start that is interrupted leaves nothing behind, so its counts are those of one start."""
    with transaction.atomic(using="gate", durable=True):
        assigning()  # before any row is locked: whoever assigns beside us waits for no case of ours
        aged = age_book(run.lender_id, rules, run.on, at)
        assigned = assign_cases(run.lender_id, run.on, at)
        counts = {
            "opened": aged.opened,
            "aged": aged.aged,
            "closed": aged.closed,
            "broken_promises": aged.broken_promises,
            "assigned": assigned.assigned,
            "without_room": assigned.without_room,
            "stood": keep_debt_day(run.lender_id, run.on, at),
        }
        move_run(run.run_id, "wish", counts, at)
