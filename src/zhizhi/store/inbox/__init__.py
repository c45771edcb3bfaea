"""What the outside world told us, before we work on it."""
