"""Figures of the first screens: each is its rows (docs/decisions/0045-figures.md)."""
