"""Closed lists of this house that tables check and files and screens speak; those of the law: core/conduct/words.py."""

STAFF_ROLES = (
    "administrator",
    "head",
    "compliance",
    "supervisor",
    "team_leader",
    "collector",
    "agency_manager",
    "agency_collector",
    "auditor",
)
STOPS = (
    "plan",
    "dispute",
    "claims_paid",
    "complaint",
    "hardship",
    "deceased",
    "incapacity",
    "represented",
    "bankruptcy",
    "no_contact_order",
)
