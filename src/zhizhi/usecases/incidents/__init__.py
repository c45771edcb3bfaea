"""Incidents and their statutory clocks: docs/incidents.md."""
