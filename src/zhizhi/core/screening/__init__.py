"""What was said or written, against the marks of forbidden conduct."""
