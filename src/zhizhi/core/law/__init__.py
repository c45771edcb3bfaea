"""A rule pack: parse, check, evaluate, explain."""
