"""Strategies, runs of a day and the wishes they made."""
