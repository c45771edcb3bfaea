"""Agree on rate cards, make an agency's statement of a month, dispute and sign it."""
