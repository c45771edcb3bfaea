"""Rate cards, and what agencies are owed by the month: docs/decisions/0061-commission-statements.md."""
