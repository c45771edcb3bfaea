"""Human quality inspection 人工质检: which contacts are looked at, what is looked for, how far two reviewers agree."""
