"""Personal-information impact assessments: docs/decisions/0049-incidents-and-assessments.md."""
