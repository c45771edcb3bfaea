"""The former state of changed rows."""
