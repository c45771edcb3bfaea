"""Decisions, permits, deliveries and contacts: the gate in rows."""
