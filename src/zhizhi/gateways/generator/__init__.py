"""A producer of files: the seeded generator of the synthetic demonstration book. See `docs/demonstration-book.md`."""
