"""Faults at every commit point and every step of delivery, injected into real processes from outside."""
