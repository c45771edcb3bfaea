"""What reasoning about rules needs of a contact: its record as values for the solver, and a case for what it found."""
