"""Campaigns in rows: many persons, one wording, decided as far ahead as it leaves."""
