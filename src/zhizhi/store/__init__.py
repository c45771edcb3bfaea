"""PostgreSQL: the only place that knows the ORM."""
