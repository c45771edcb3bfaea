"""Persons who do not exist, and the alarm of whoever looks at one: docs/decisions/0054-canaries.md."""
