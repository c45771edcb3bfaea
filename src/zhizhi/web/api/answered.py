"""What is answered, shared by all groups of endpoints: texts, reasons, pages, problems; and what leases answer."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel

from zhizhi.core.kernel.text import Text

Row = TypeVar("Row")
JsonObject = dict[str, Any]


class Told(BaseModel):
    """A record that is answered: every key is always there."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(Told):
    """One sentence in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> "Texts":
        """The sentence."""
        return cls(zh=text.zh, en=text.en)


class Place(Told):
    """One thing wrong with a request: a JSON pointer, and what to write there."""

    pointer: str
    detail: Texts


class Problem(BaseModel):
    """Why a request was not answered as asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: Texts
    errors: list[Place] = Field(default=[], description="只在字段有误时 · only where fields are wrong")


class Page(Told, Generic[Row]):
    """Some rows of a list; `cursor` is where the next page begins, null on the last one."""

    rows: list[Row]
    cursor: str | None


class Reason(Told):
    """Why the law says no, with its source."""

    rule: str
    cites: str
    explain: Texts


class Obligation(Told):
    """What has to be done with a permitted contact."""

    rule: str
    do: str


class LeasePermitted(Told):
    """A lease: confirm it right before ringing."""

    verdict: Literal["permit"]
    lease: str
    number: str
    expires_at: datetime
    expires_in_seconds: int
    must_end_by: datetime | None
    obligations: list[Obligation]


class LeaseNotPermitted(Told):
    """What the law says instead."""

    verdict: Literal["forbid", "hold", "presumed_violation"]
    next_permitted_at: datetime | None
    hold_for: Literal["person", "outcome"] | None
    unknown: list[str]
    reasons: list[Reason]


class LeaseRefused(Told):
    """Nothing was asked of the law."""

    verdict: Literal["refused"]
    code: str
    explain: Texts


class LeaseAnswer(
    RootModel[Annotated[LeasePermitted | LeaseNotPermitted | LeaseRefused, Field(discriminator="verdict")]]
):
    """One person's answer."""


class CallToMake(LeasePermitted):
    """A lease of a calling campaign: for which seat, and from which outbound number (empty: no register is kept)."""

    caller: str
    goes_from: str


class CallsToMake(Told):
    """Whom to ring now, lines a free seat in hundredths, and how many were not permitted."""

    leases: list[CallToMake]
    ratio: int
    withheld: int


class LeaseAnswers(Told):
    """The answers in the places of the request."""

    leases: list[LeaseAnswer]


class Confirmed(Told):
    """Ring now."""

    valid: Literal[True]
    lease: str
    must_end_by: datetime | None
    number: str


class NotConfirmed(Told):
    """Do not ring. What the law said stands there where `code` is `law`."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=lambda schema: _require(schema, 4))

    valid: Literal[False]
    lease: str
    code: str
    explain: Texts
    verdict: Literal["forbid", "hold", "presumed_violation"]
    next_permitted_at: datetime | None
    hold_for: Literal["person", "outcome"] | None
    unknown: list[str]
    reasons: list[Reason]


def _require(schema: JsonObject, first: int) -> None:
    """Only the first so many keys are always there."""
    schema["required"] = list(schema["properties"])[:first]


class Confirmation(RootModel[Confirmed | NotConfirmed]):
    """Whether it still may be."""


class Recorded(Told):
    """What a report changed."""

    lease: str
    counted: bool
    state: Literal["open", "settled", "given_back"]
    inquiries: list[str]


class CampaignEnded(Told):
    """How many leases were recalled."""

    campaign: str
    recalled: int
