"""Closed lists of agreements."""

OPEN = ("proposed", "approved", "given", "accepted")
COMMITTED = ("given", "accepted", "performed")
"""States in which what is waived is taken from the month's pool."""
STATES = (*OPEN, "performed", "broken", "expired", "refused", "withdrawn")
WAYS = ("call", "counter")
"""How a debtor was told of an offer; what leaves the house as a text goes through the gate instead."""
