"""Auditing a contact log: its map, its rows, the judgement of a million of them, and what is counted."""
