"""How grave a breach is, in three grades: red line, severe, minor. One table; no rule says it of itself.

Source: docs/audit.md. Quality review in the field grades findings 红线, 严重 and 一般; the table below puts every topic
of the catalogue into one of them, and moves single bodies where the topic says too little.
"""

from collections.abc import Mapping
from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.nodes import Rule


class Severity(StrEnum):
    """The grade of a breach, gravest first."""

    RED_LINE = "red_line"
    SEVERE = "severe"
    MINOR = "minor"


WORDS: Mapping[Severity, Text] = {
    Severity.RED_LINE: Text("红线", "red line"),
    Severity.SEVERE: Text("严重", "severe"),
    Severity.MINOR: Text("一般", "minor"),
}

OF_TOPIC: Mapping[str, Severity] = {
    "law": Severity.SEVERE,
    "stop": Severity.RED_LINE,
    "person": Severity.RED_LINE,
    "disclosure": Severity.RED_LINE,
    "content": Severity.RED_LINE,
    "point": Severity.SEVERE,
    "debt": Severity.SEVERE,
    "visit": Severity.SEVERE,
    "time": Severity.SEVERE,
    "frequency": Severity.SEVERE,
    "identity": Severity.MINOR,
    "record": Severity.MINOR,
    "collector": Severity.MINOR,
    "review": Severity.MINOR,
}


def severity_of(rule: Rule) -> Severity:
    """The grade of a breach of a rule. Boundary: a row of low confidence is never graded above minor."""
    grade = OF_TOPIC.get(rule.topic, Severity.SEVERE)
    return Severity.MINOR if rule.confidence == "low" else grade
