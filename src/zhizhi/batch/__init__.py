"""Decide many: the rules of `core.law` over facts in tables, as Ibis expressions that DuckDB and Spark answer alike."""
