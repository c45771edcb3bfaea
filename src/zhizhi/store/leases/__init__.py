"""租用许可: permits that another system (a dialler, an agency's own) holds for seconds, and what it reports of them."""
