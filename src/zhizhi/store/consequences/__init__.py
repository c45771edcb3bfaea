"""What is true of debts, in rows that are only added: docs/consequences.md."""
