"""SMS through an HTTP template provider."""
