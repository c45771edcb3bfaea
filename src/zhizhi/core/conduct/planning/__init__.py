"""The parts of `plan`: wishes as values, single steps against the law, the search, and what prevents a wish."""
