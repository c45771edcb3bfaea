"""Which view of the table of masks a role has (docs/decisions/0047-masks-and-unmasking.md)."""

from collections.abc import Mapping

from zhizhi.core.kernel.masks import View

VIEW_OF_ROLE: Mapping[str, View] = {
    "head": View.APPROVER,
    "compliance": View.APPROVER,
    "supervisor": View.APPROVER,
    "team_leader": View.APPROVER,
    "settlement_approver": View.APPROVER,
    "quality": View.AUDITOR,
    "auditor": View.AUDITOR,
    "assignment": View.COLLECTOR,
    "settlement_clerk": View.COLLECTOR,
    "complaint_handler": View.COLLECTOR,
    "legal": View.COLLECTOR,
    "collector": View.COLLECTOR,
    "field_officer": View.COLLECTOR,
    "agency_manager": View.AGENCY,
    "agency_collector": View.AGENCY,
    "borrower": View.SELF,
}


def view_of(role: str) -> View:
    """The view of a role; of one that is not in the list, the administrator's too, the one that shows nothing."""
    return VIEW_OF_ROLE.get(role, View.NOBODY)
