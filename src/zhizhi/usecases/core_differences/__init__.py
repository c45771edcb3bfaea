"""Differences between the core's figures and our ledger: corrected by two persons, asked about, or explained."""
