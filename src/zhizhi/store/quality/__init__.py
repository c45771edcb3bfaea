"""Human quality inspection: draws of contacts, reviews of them, appeals, and what came of it; docs/quality.md."""
