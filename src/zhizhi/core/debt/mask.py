"""The `mask` operation: what staff, an agency and the person see of a name, a number or an address.

Law: JR/T 0171-2020. The table of masks itself: core/kernel/masks.py, which screens ask too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import Tables
from zhizhi.core.debt.operation import Answer, Operation
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel import masks
from zhizhi.core.kernel.text import Text


class MaskKind(StrEnum):
    """Kinds of personal value that the format has."""

    NAME = "name"
    MOBILE = "mobile"
    ID = "id"
    CARD = "card"
    ADDRESS = "address"
    EMAIL = "email"


class Audience(StrEnum):
    """Who looks: our staff, an agency, or the person, whose identity was checked."""

    STAFF = "staff"
    AGENCY = "agency"
    SELF = "self"


VIEWS = {Audience.STAFF: masks.View.COLLECTOR, Audience.AGENCY: masks.View.AGENCY, Audience.SELF: masks.View.SELF}


@dataclass(frozen=True, slots=True)
class Masking:
    """A personal value and who is to see it. PII: `value`; it is never stored, logged or repeated in a message."""

    kind: MaskKind
    value: str
    audience: Audience

    def __repr__(self) -> str:
        return f"Masking({self.kind.value}, …, {self.audience.value})"

    def findings(self) -> Iterator[Finding]:
        """The value is held to its kind for every audience, the person included."""
        if not masks.fits(masks.MaskKind(self.kind), self.value):
            yield Finding(ErrorCode.BAD_VALUE, "value", Text("与类型不符", "does not fit its kind"))

    def answer(self, tables: Tables) -> Answer:
        """The mask as the format prints it. No table is read."""
        return Answer({"masked": mask(self)}, ("JR/T 0171-2020",))


def mask(masking: Masking) -> str:
    """What the audience sees. Refuses: DebtError, where the value does not fit its kind."""
    refuse_first(masking.findings())
    return masks.mask(masks.MaskKind(masking.kind), masking.value, VIEWS[masking.audience])


def _read(inputs: Fields) -> Masking:
    inputs.keys(required=("kind", "value", "audience"))
    return Masking(
        kind=inputs.choice("kind", MaskKind, MaskKind.NAME),
        value=inputs.text("value", "", longest=None),
        audience=inputs.choice("audience", Audience, Audience.STAFF),
    )


OPERATION = Operation(read=_read)
