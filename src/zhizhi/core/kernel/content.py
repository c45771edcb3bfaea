"""What a borrower will read or hear, rendered: the thing that a permit binds by digest."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from zhizhi.core.kernel.canonical import canonical


@dataclass(frozen=True, slots=True)
class Content:
    """Rendered content; `variables` are the (name, value) pairs of a template that a carrier filed. Never shown in
    a repr."""

    body: str = field(repr=False)
    subject: str = field(default="", repr=False)
    template_id: str = ""
    signature: str = ""
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def digest(self) -> str:
        """SHA-256 (hex) of the fields as canonical JSON (RFC 8785). Refuses: a variable given twice (ValueError)."""
        return hashlib.sha256(canonical(self.to_document())).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """The fields as JSON. Refuses: a variable given twice (ValueError)."""
        variables = dict(self.variables)
        if len(variables) != len(self.variables):
            raise ValueError("a variable of the content is given twice")
        return {
            "body": self.body,
            "signature": self.signature,
            "subject": self.subject,
            "template_id": self.template_id,
            "variables": variables,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Content":
        """The inverse of `to_document`."""
        return cls(**{**document, "variables": tuple(document["variables"].items())})
