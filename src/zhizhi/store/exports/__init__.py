"""What leaves the system as a file: counted, approved, marked, logged (docs/decisions/0053-exports.md)."""
