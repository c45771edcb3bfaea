"""Forms of the console, labelled in the reader's language."""
