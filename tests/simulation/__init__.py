"""Weeks of whole-product life from a seed, and an auditor who has his own model of what was promised."""
