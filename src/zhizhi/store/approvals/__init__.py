"""What one person asks for and another approves: docs/decisions/0048-two-persons-and-audit.md."""
