"""Debt arithmetic: accrual and appropriation."""
