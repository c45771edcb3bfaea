"""Incidents: facts, deadlines and what was filed; docs/decisions/0049-incidents-and-assessments.md."""
