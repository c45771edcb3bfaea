"""On which ground which role may see what in the clear: a closed list, without free words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.masks import MaskKind
from zhizhi.core.kernel.text import Text

WHATS = ("name", "id_number", "point", "account")
SHOWN_SECONDS = 60
PER = ("staff", "person")
HOURS_MAX, MOST_MAX = 24, 60  # of a limit; the table checks them


class Ground(StrEnum):
    """Why a clear value is needed."""

    VERIFY = "verify"
    PERMIT = "permit"
    MATCH_PAYMENT = "match_payment"
    CORRECT = "correct"
    COMPLAINT = "complaint"
    RIGHTS = "rights"
    COURT = "court"
    REVIEW = "review"

    @property
    def text(self) -> Text:
        """For the form, the timeline and the person."""
        return GROUNDS[self].text


@dataclass(frozen=True, slots=True)
class Terms:
    """`third`: also of persons who do not owe."""

    text: Text
    kinds: frozenset[MaskKind]
    third: bool
    roles: frozenset[str]


_EVERY = frozenset(MaskKind)
_REACH = frozenset((MaskKind.MOBILE, MaskKind.LANDLINE, MaskKind.ADDRESS))
# What an agency may see in the clear at all: nothing that authenticates or pays (JR/T 0171, row G-13).
OF_AGENCY = _REACH | {MaskKind.NAME}
AGENCY_ROLES = frozenset(("agency_collector", "agency_manager"))

GROUNDS: Mapping[Ground, Terms] = {
    Ground.VERIFY: Terms(
        Text("通话中核对对方身份", "to check who is on the line"),
        frozenset((MaskKind.NAME, MaskKind.ID)),
        False,
        frozenset(("collector", "agency_collector", "team_leader", "supervisor", "complaint_handler")),
    ),
    Ground.PERMIT: Terms(
        Text("凭使用中的许可拨打、上门", "to dial or visit under a permit in use"),
        _REACH,
        True,
        frozenset(("collector", "agency_collector", "team_leader", "supervisor", "complaint_handler", "field_officer")),
    ),
    Ground.MATCH_PAYMENT: Terms(
        Text("核对入账", "to match a payment"),
        frozenset((MaskKind.NAME, MaskKind.ACCOUNT)),
        False,
        frozenset(("settlement_clerk", "supervisor")),
    ),
    Ground.CORRECT: Terms(
        Text("核对、更正资料", "to check and correct what is held"),
        _EVERY,
        False,
        frozenset(("settlement_clerk", "complaint_handler", "supervisor")),
    ),
    Ground.COMPLAINT: Terms(
        Text("处理投诉、异议", "to work on a complaint or dispute"),
        _EVERY,
        True,
        frozenset(("complaint_handler", "compliance")),
    ),
    Ground.RIGHTS: Terms(
        Text("答复个人信息查询、复制、更正、删除请求", "to answer a request about personal data"),
        _EVERY,
        True,
        frozenset(("complaint_handler", "compliance")),
    ),
    Ground.COURT: Terms(
        Text("诉讼、仲裁、调解材料", "for papers of a suit, arbitration or mediation"),
        _EVERY,
        False,
        frozenset(("legal",)),
    ),
    Ground.REVIEW: Terms(
        Text("合规核查", "for a review by compliance"),
        _EVERY,
        True,
        frozenset(("compliance",)),
    ),
}


def grounds_of(role: str, kind: MaskKind, *, is_third: bool) -> tuple[Ground, ...]:
    """The grounds on which a role may see a value; none: it may not."""
    if role in AGENCY_ROLES and kind not in OF_AGENCY:
        return ()
    return tuple(
        ground
        for ground, terms in GROUNDS.items()
        if role in terms.roles and kind in terms.kinds and (terms.third or not is_third)
    )


def wants_proof(kind: MaskKind, *, is_third: bool) -> bool:
    """Whether the second factor is shown again first: of all but the name and telephone number of who owes."""
    return is_third or kind not in (MaskKind.NAME, MaskKind.MOBILE, MaskKind.LANDLINE)
