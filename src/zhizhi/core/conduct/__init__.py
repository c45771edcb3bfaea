"""decide(case, law) -> Decision, and the next permitted instant."""
