"""Calls that the system places, and what was recorded of them."""
