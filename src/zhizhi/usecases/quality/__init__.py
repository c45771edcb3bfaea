"""Human quality inspection: drawn, reviewed, appealed, looked at again, followed up."""
