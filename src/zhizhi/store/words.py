"""Closed lists of this house that tables check and files and screens speak; those of the law: core/conduct/words.py."""

STAFF_ROLES = (
    "administrator",
    "head",
    "compliance",
    "supervisor",
    "team_leader",
    "quality",
    "assignment",
    "settlement_approver",
    "settlement_clerk",
    "complaint_handler",
    "legal",
    "collector",
    "agency_manager",
    "agency_collector",
    "field_officer",
    "auditor",
)
# Who looks at the portal, and what a token of another system acts as: a row of `staff` that nobody signs in under.
PERSON_ROLES = ("borrower", "contact_person")
SERVICE_ROLE = "service_account"
# The wordings that carry a code of the portal: nobody at a desk, no strategy and no campaign can send one.
SIGN_IN_WORDING = "sign_in"
LOCK_SCREEN_WORDING = "lock_screen"
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
