"""Runs of reconciliation, what they found, and the breach inquiries that follow."""
