"""Clear values that somebody looked at: docs/decisions/0047-masks-and-unmasking.md."""
