"""真实后果: what is true of a debt today, and what may therefore be said of it: docs/consequences.md."""
