"""What can be filed with a carrier: a lender's signature, and its approved text messages."""

from dataclasses import dataclass

from zhizhi.store.filings.words import FILED_CHANNELS
from zhizhi.store.many import Question, ask


@dataclass(frozen=True, slots=True)
class Thing:
    """A signature, or a version of a wording; what it is not is empty."""

    lender_id: int
    channel: str
    signature: str
    version_id: int | None
    code: str
    n: int
    body: str


_VERSION = """
SELECT t.lender_id, t.channel, '', v.id, t.code, v.n, v.body
FROM template_version v JOIN template t ON t.id = v.template_id
WHERE v.id = %s AND t.lender_id = %s AND v.state = 'approved' AND t.channel = ANY (%s)
"""
_SIGNATURE = """
SELECT l.id, %s, coalesce(nullif(l.signature, ''), l.name), NULL, '', 0, '' FROM lender l WHERE l.id = %s
"""


def find_thing(lender_id: int, version_id: int | None) -> Thing | None:
    """The version, where it is an approved text message of the lender; without one, the signature that it signs with
    now. None where it is neither."""
    asked = (
        Question(_SIGNATURE, [FILED_CHANNELS[0], lender_id], list)
        if version_id is None
        else Question(_VERSION, [version_id, lender_id, list(FILED_CHANNELS)], list)
    )
    rows = ask(asked)
    return Thing(*rows[0]) if rows else None


def lender_of_version(version_id: int) -> int | None:
    """Whose wording it is; None where there is none."""
    of_version = "SELECT t.lender_id FROM template_version v JOIN template t ON t.id = v.template_id WHERE v.id = %s"
    rows = ask(Question(of_version, [version_id], list))
    return int(rows[0][0]) if rows else None
