"""代扣: how much of a debt may be drawn on a day, and what follows where the bank did not. Pure."""
