"""Named limits of the shared values. A limit of one area alone stands in that area."""

MONEY_MINOR_MAX = 10**15
"""Largest amount that may be written into a document, in minor units."""

RATE_DECIMALS_IN = 10
"""Most decimals of a rate that comes in."""

RATE_DECIMALS_OUT = 8
"""Decimals of a rate that goes out."""

ID_CHARACTERS_MAX = 64
"""Longest identifier that a document may choose for itself."""

PERIOD_UNITS_MAX = 100_000
"""Longest period in days, working days, months or years that may be added to a day."""

CONTACT_PERSONS_MAX = 5
"""Contact persons that a borrower may have named; more of them are an address book (PIPL 6, GB/T 45251-2025)."""
