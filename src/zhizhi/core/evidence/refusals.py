"""What every evidence check raises when it says no: a code for machines and a sentence for people."""

from zhizhi.core.kernel.errors import Refused


class EvidenceRefused(Refused):
    """Base of the refusals of this package. `code` is stable; `text` names the place, the cause and the remedy."""

    def to_document(self) -> dict[str, str]:
        """`{"code", "zh", "en"}`, the shape of `why` in reports."""
        return {"code": self.code, **self.text.to_document()}
