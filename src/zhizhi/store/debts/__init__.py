"""Debts, instalments, payments and the entries of the ledger."""
