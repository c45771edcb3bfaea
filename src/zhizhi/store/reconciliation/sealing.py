"""Under which key, and bound to which place, what is sealed of reconciliation stands."""

PURPOSE = "reconciliation"


def facts_place(fingerprint: bytes) -> str:
    """What was found; the fingerprint is known before the inquiry has an id."""
    return f"inquiry/{fingerprint.hex()}"


def step_place(inquiry_id: int) -> str:
    """What staff wrote with a step."""
    return f"inquiry/{inquiry_id}/step"


def rejected_place(run_id: int, row: int) -> str:
    """A row that could not be read."""
    return f"rejected/{run_id}/{row}"
