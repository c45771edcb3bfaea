"""Conduct: one proposed contact and what is known about it in, one decision out."""
