"""委外: which case goes to which agency, for how long, and what the agency earns by it."""
