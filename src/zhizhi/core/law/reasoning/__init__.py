"""Rules as formulas: what a pack permits, asked of a solver. Nothing here is imported by a decision; z3 is needed."""
