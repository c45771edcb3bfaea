"""One module a write; the only transactions of the product."""
