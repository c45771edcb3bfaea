"""A person, the parties around the person, their points and what they have said."""
