"""Staff: who joins, moves and leaves, and who said so."""
