"""The console: what staff work with all day."""
