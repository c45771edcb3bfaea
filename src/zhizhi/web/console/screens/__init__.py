"""One file a screen: a view parses a form, asks one use case or some reads, and fills a template."""
