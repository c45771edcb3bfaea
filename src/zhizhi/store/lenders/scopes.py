"""Which rows a role sees: its scope. The database holds the same list in `zhizhi_scope_of`; a test compares the two.

Why it is so: docs/decisions/0041-roles-and-rights.md.
"""

from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.store.words import SERVICE_ROLE


class Scope(StrEnum):
    """Which rows somebody sees."""

    LENDER = "lender"
    AGENCY = "agency"
    QUEUE = "queue"
    MATTER = "matter"
    SELF = "self"
    PERSON = "person"
    NONE = "none"


SCOPE_OF_ROLE: dict[str, Scope] = {
    "administrator": Scope.NONE,
    "head": Scope.LENDER,
    "compliance": Scope.LENDER,
    "supervisor": Scope.LENDER,
    "team_leader": Scope.QUEUE,
    "quality": Scope.LENDER,
    "assignment": Scope.LENDER,
    "settlement_approver": Scope.MATTER,
    "settlement_clerk": Scope.MATTER,
    "complaint_handler": Scope.MATTER,
    "legal": Scope.MATTER,
    "collector": Scope.SELF,
    "agency_manager": Scope.AGENCY,
    "agency_collector": Scope.SELF,
    "field_officer": Scope.SELF,
    "auditor": Scope.LENDER,
    "borrower": Scope.PERSON,
    "contact_person": Scope.PERSON,
    SERVICE_ROLE: Scope.LENDER,  # of an agency's token: that agency's open placements with this lender
}

SCOPE_TEXTS = {
    Scope.LENDER: Text(
        "本机构全部案件（未指定机构的岗位：各机构）", "all cases of the lender; of every lender where none is named"
    ),
    Scope.AGENCY: Text("委给本外包机构的在手案件", "open cases placed with the agency"),
    Scope.QUEUE: Text("本组催收员与本组队列的在手案件", "open cases of the team's collectors and queues"),
    Scope.MATTER: Text("事由归其办理的在手案件", "open cases whose matter is theirs"),
    Scope.SELF: Text("分给本人的在手案件", "open cases assigned to oneself"),
    Scope.PERSON: Text("本人", "oneself"),
    Scope.NONE: Text("不看任何客户与案件", "no person and no case"),
}
