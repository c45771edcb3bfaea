"""Certify that debts are settled."""
