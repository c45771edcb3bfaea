"""Place cases with agencies, extend, return and recall them."""
