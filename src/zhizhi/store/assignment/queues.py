"""Queues of cases by how long they are past due."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.models import Queue

REMINDER = "reminder"
QUEUES = {
    REMINDER: Text("M0 提醒", "M0 reminders"),
    "m1": Text("M1 早期", "M1 early"),
    "m2": Text("M2 中期", "M2 middle"),
    "m3": Text("M3 后期", "M3 late"),
    "m4": Text("M4 及以上", "M4 and above"),
}
DAYS_IN_BUCKET = 30
BUCKET_MAX = 4


def queue_code(stage: str, days_past_due: int) -> str:
    """The queue of a case: reminders of their own, then by bucket of thirty days."""
    if stage == REMINDER or days_past_due <= 0:
        return REMINDER
    return f"m{min(-(-days_past_due // DAYS_IN_BUCKET), BUCKET_MAX)}"


def queue_ids(lender_id: int) -> dict[str, int]:
    """The queues of a lender by code, made where there are none yet; the caller's transaction is open."""
    of_lender = Queue.objects.using("gate").filter(lender_id=lender_id, code__in=QUEUES)
    found = dict(of_lender.values_list("code", "id"))
    for code, name in QUEUES.items():
        if code not in found:
            made, _ = Queue.objects.using("gate").get_or_create(
                lender_id=lender_id, code=code, defaults={"name": name.zh}
            )
            found[code] = int(made.pk)
    return found
