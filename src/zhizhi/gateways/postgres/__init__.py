"""The embedded PostgreSQL: found, started on a private unix socket, stopped with its parent. Decision 0004 says why."""
