"""One verb phrase a module."""
