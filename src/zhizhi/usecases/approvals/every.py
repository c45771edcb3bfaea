"""All acts that take two persons; one that is not here is asked for and approved by nobody."""

from collections.abc import Mapping

from zhizhi.usecases.approvals.act import Act
from zhizhi.usecases.approvals.house_pack import HOUSE_PACK
from zhizhi.usecases.assessments.act import ASSESSMENT
from zhizhi.usecases.unmask_limit import UNMASK_LIMIT

EVERY: tuple[Act, ...] = (HOUSE_PACK, ASSESSMENT, UNMASK_LIMIT)
ACTS: Mapping[str, Act] = {act.code: act for act in EVERY}
