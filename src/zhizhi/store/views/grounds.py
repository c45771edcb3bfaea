"""Why somebody opens the pages of a person: a closed list, which follows from the role and the page."""

from collections.abc import Mapping

from zhizhi.core.kernel.text import Text
from zhizhi.store.words import SERVICE_ROLE

WORK, LEAD, MATTER, OVERSEE, QUALITY, AUDIT, RULE = "work", "lead", "matter", "oversee", "quality", "audit", "rule"
SYSTEM = "system"
GROUNDS: Mapping[str, Text] = {
    WORK: Text("办理分给本人的案件", "works the case, which is assigned to them"),
    LEAD: Text("带班、管理外包案件", "leads the team or agency that works the case"),
    MATTER: Text("经办事由（投诉、协商、诉讼、还款）", "handles its matter: complaint, plan, court, payment"),
    OVERSEE: Text("管理与合规", "answers for collection or compliance at the lender"),
    QUALITY: Text("质检", "checks quality"),
    AUDIT: Text("审计", "audits"),
    RULE: Text("核定待定事项", "rules on something that waits"),
    SYSTEM: Text("其他系统经接口取用", "another system asks over the API"),
}
GROUND_OF_ROLE: Mapping[str, str] = {
    "collector": WORK,
    "agency_collector": WORK,
    "field_officer": WORK,
    "team_leader": LEAD,
    "agency_manager": LEAD,
    "complaint_handler": MATTER,
    "settlement_approver": MATTER,
    "settlement_clerk": MATTER,
    "legal": MATTER,
    "head": OVERSEE,
    "compliance": OVERSEE,
    "supervisor": OVERSEE,
    "assignment": OVERSEE,
    "quality": QUALITY,
    "auditor": AUDIT,
    SERVICE_ROLE: SYSTEM,
}
