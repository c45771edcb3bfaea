"""Cases with agencies: docs/decisions/0058-placements.md."""
