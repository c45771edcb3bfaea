"""Creditors, changes of creditor and notices of them, in rows that are only added: docs/creditor.md."""
