"""Somebody of a scene who has signed in; how one signs in is tried elsewhere."""

from signed import signed_in

__all__ = ["signed_in"]
