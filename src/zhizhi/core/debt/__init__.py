"""Debt arithmetic: how a payment is allocated, what a debt earns, and the other questions of the debt case format."""
