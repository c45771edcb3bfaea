"""How members of staff sign in: second factors, sessions, devices, waits, and what was done about them."""
