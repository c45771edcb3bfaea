"""Schema, forwards only."""
