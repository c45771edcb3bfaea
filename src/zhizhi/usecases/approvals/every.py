"""All acts that take two persons; one that is not here is asked for and approved by nobody."""

from collections.abc import Mapping

from zhizhi.usecases.approvals.act import Act
from zhizhi.usecases.approvals.house_pack import HOUSE_PACK
from zhizhi.usecases.assessments.act import ASSESSMENT
from zhizhi.usecases.bulk_stops.act import BULK_STOP_LIFT
from zhizhi.usecases.canaries.act import CANARY
from zhizhi.usecases.commission.act import RATE_CARD
from zhizhi.usecases.core_differences.act import CORE_DIFFERENCE
from zhizhi.usecases.creditors.act import CREDITOR_CHANGE
from zhizhi.usecases.debits.act import DEBIT
from zhizhi.usecases.exports.act import EXPORT
from zhizhi.usecases.filings.act import CARRIER_FILING
from zhizhi.usecases.litigation.act import COURT_FEE
from zhizhi.usecases.outbound.act import OUTBOUND_NUMBER
from zhizhi.usecases.placements.act import PLACEMENT
from zhizhi.usecases.relief.act import RELIEF, RELIEF_BY_HEAD
from zhizhi.usecases.remittances.act import REMITTANCE
from zhizhi.usecases.staff.queue_team import QUEUE_TEAM
from zhizhi.usecases.unmask_limit import UNMASK_LIMIT

EVERY: tuple[Act, ...] = (
    HOUSE_PACK,
    ASSESSMENT,
    UNMASK_LIMIT,
    CANARY,
    EXPORT,
    QUEUE_TEAM,
    PLACEMENT,
    RATE_CARD,
    RELIEF,
    RELIEF_BY_HEAD,
    REMITTANCE,
    DEBIT,
    CARRIER_FILING,
    OUTBOUND_NUMBER,
    CORE_DIFFERENCE,
    COURT_FEE,
    BULK_STOP_LIFT,
    CREDITOR_CHANGE,
)
ACTS: Mapping[str, Act] = {act.code: act for act in EVERY}
