"""协商减免: try offers, propose one, have it approved, give it, accept it; the month's pool and the spread."""
