"""The borrower's side: pages that need no account."""
