"""Backups: sealed for a recipient, dumped in one snapshot, whole or not there (decision 0050)."""
