"""Invitations of staff by e-mail: a narrow way out that carries a code and nothing else."""
