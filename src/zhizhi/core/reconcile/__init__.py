"""What others recorded of our contacts, compared with what was permitted; pure."""
