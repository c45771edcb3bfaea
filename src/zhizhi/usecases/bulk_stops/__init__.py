"""Bulk stops: set by one person, lifted early by two, in the way of every contact while they last."""
