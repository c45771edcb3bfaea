"""协商减免: agreements from trial to end, and what a lender may waive in a month (docs/decisions/0057-relief.md)."""
