"""Leaves, salts and checkpoints of the transparency log."""
