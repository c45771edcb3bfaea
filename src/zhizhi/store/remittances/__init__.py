"""Money as it came in, what it was put on, what waits for a person, and what went back."""
