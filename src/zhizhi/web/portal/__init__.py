"""The borrower's side: pages that need no account, and one that a code opens."""
