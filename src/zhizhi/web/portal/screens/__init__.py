"""Pages of the borrower's side."""
