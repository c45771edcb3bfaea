"""Differences between the core's figures and our ledger, each settled by a person: docs/money-in.md."""
