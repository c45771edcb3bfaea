"""Dated public facts that the engine ships: each module one table, its source and how to extend it."""
