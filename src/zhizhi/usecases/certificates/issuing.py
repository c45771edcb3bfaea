"""结清证明 of all that is settled: by the day's run, and by a settlement clerk who does not wait for it."""

from datetime import datetime

from zhizhi.store.certificates.keeping import Certified, certify_settled
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.zones import civil_day


def certify_now(lender_id: int, by: int, at: datetime) -> Certified:
    """Write what is missing and take back what is not true any more. Refuses: NotAllowed."""
    require(by, Right.CERTIFY, lender_id=lender_id)
    return certify_settled(lender_id, civil_day(at), at)
