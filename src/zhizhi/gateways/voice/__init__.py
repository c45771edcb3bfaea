"""Calls that the system places, watches, records and ends: a SIP engine of its own for each call."""
