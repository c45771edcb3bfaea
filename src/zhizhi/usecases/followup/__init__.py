"""小结与跟进: a call is wrapped up, a callback agreed where it is lawful, and the next case given."""
