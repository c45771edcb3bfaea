"""Somebody of a case looks at what is kept about the own data."""
