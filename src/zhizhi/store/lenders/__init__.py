"""Lenders, agencies and the staff who work for them."""
