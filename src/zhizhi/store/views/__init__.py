"""Who saw whom, when and on which ground: docs/decisions/0048-two-persons-and-audit.md."""
