"""Register what a debtor asks for, answer it with reasons in time, and have another person look again."""
