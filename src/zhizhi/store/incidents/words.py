"""Closed lists of incidents that tables check and forms offer."""

KINDS = ("leak", "tampering", "loss", "outage")
GRADES = ("general", "larger", "major", "extraordinary")
FACTS = ("opened", "classified", "fact", "filed", "not_owed", "closed")
