"""The worker's part of direct debits: approved batches are handed to the payment channel, each once."""

from datetime import datetime
from pathlib import Path

from zhizhi.gateways.debits.channel import DebitChannel, DebitOrder, FileDebits
from zhizhi.jobs.steps import Beat, Work
from zhizhi.jobs.telling import with_trusted_clock
from zhizhi.store.debits.batches import approved_batches, hand_over, note_written, orders_of


def steps_of_debits(state: Path) -> dict[str, Work]:
    """The step by name. Files lie in `debits` of the state folder, for the channel's own transfer to take."""
    channel = FileDebits(state / "debits")
    return {"debits": with_trusted_clock(lambda at, beat: work_debits(channel, at, beat))}


def work_debits(channel: DebitChannel, at: datetime, beat: Beat = lambda: None) -> int:
    """Hand over what was approved; answers how many batches.

    Orders count as under way before the channel has them, so that whoever is killed in between leaves contacts held
    and draws nothing; the next round hands the same batch over again under the same name.
    """
    batches = approved_batches()
    for batch_id in batches:
        hand_over(batch_id, at, beat)
        orders = [
            DebitOrder(one.number, one.token, one.amount_minor, one.currency, one.on) for one in orders_of(batch_id)
        ]
        note_written(batch_id, channel.hand_over(f"debits-{batch_id}", orders), at)
        beat()
    return len(batches)
