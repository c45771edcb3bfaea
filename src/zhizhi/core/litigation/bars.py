"""What stands in the way of opening a file for a debt in a lane; each with what can be done about it.

A fact that nobody told stands in the way where the lane rests on it: bars only ever restrict.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.words import Lane

COURT_LANES = frozenset((Lane.SUIT, Lane.SMALL_CLAIM, Lane.PAYMENT_ORDER))
FACE_TO_FACE = frozenset((Lane.PAYMENT_ORDER, Lane.SMALL_CLAIM))
"""Lanes that end where the debtor cannot be found: the order is served on the person (CPL 225), CPL 166."""


class Bar(StrEnum):
    """Why no file is opened in this lane."""

    NOTHING_OWED = "nothing_owed"
    OPEN_ALREADY = "open_already"
    CASE_CLOSED = "case_closed"
    WITH_AGENCY = "with_agency"
    AGREEMENT_KEPT = "agreement_kept"
    DECEASED = "deceased"
    BANKRUPTCY = "bankruptcy"
    DISPUTED = "disputed"
    MISSING = "missing"
    NOTICE_MISSING = "notice_missing"
    ARBITRATION_CLAUSE = "arbitration_clause"
    NO_ARBITRATION_CLAUSE = "no_arbitration_clause"
    NOTARISED = "notarised"
    NOT_NOTARISED = "not_notarised"
    CLAIM_TOO_HIGH = "claim_too_high"
    NO_LIMITATION_DAY = "no_limitation_day"
    TIME_BARRED = "time_barred"

    @property
    def label(self) -> Text:
        """What a person reads, with the way to mend it."""
        return _LABELS[self]


_LABELS = {
    Bar.NOTHING_OWED: Text("债权已无余额", "nothing is owed on the debt"),
    Bar.OPEN_ALREADY: Text("该债权已有未结案卷", "the debt has an open file already"),
    Bar.CASE_CLOSED: Text("案件已出催", "the case is closed"),
    Bar.WITH_AGENCY: Text("案件在委外机构；请先撤案", "the case is with an agency; help: recall it first"),
    Bar.AGREEMENT_KEPT: Text("协商方案履行中，不起诉", "an agreement is being kept: no proceedings"),
    Bar.DECEASED: Text(
        "债务人已故；须以遗产管理人为对象另行办理", "the debtor died; help: proceed against the estate by hand"
    ),
    Bar.BANKRUPTCY: Text("破产程序中；请向管理人申报债权", "bankruptcy: the claim is filed with the administrator"),
    Bar.DISPUTED: Text(
        "有未了结的投诉或异议；支付令不适用，先答复或改走起诉",
        "a complaint or dispute is open: no payment order; help: answer it, or sue",
    ),
    Bar.MISSING: Text("债务人下落不明；请改走起诉并公告送达", "the debtor is missing; help: sue, with public notice"),
    Bar.NOTICE_MISSING: Text("债权转让通知未到达", "notice of the assignment has not arrived"),
    Bar.ARBITRATION_CLAUSE: Text("合同有仲裁条款，法院不受理", "the contract has an arbitration clause: no court"),
    Bar.NO_ARBITRATION_CLAUSE: Text("合同没有仲裁条款", "the contract has no arbitration clause"),
    Bar.NOTARISED: Text(
        "有强制执行效力的公证文书，应走赋强公证", "there is an enforceable notarised instrument; help: take that lane"
    ),
    Bar.NOT_NOTARISED: Text(
        "没有债务人承诺接受强制执行的公证文书", "no notarised instrument with the debtor's promise of enforcement"
    ),
    Bar.CLAIM_TOO_HIGH: Text("请求金额超过现欠余额", "more is claimed than is owed"),
    Bar.NO_LIMITATION_DAY: Text(
        "推不出诉讼时效；请写明有证据的中断日", "limitation is unknown; help: give a proven interruption"
    ),
    Bar.TIME_BARRED: Text(
        "按审慎口径时效已届满；有证据证明中断的，写明中断日再提交",
        "by the cautious reading limitation has run out; help: give the day of a proven interruption and send it again",
    ),
}


@dataclass(frozen=True, slots=True)
class DebtFacts:
    """What is known of a debt when a file is to be opened for it.

    `begin_by`: the cautious end of limitation. `has_arbitration_clause`, `is_notarised`: of its contract, as told.
    """

    balance_minor: int
    claim_minor: int
    begin_by: date | None
    is_case_open: bool = True
    is_in_court: bool = False
    is_with_agency: bool = False
    is_plan_kept: bool = False
    is_deceased: bool = False
    is_bankrupt: bool = False
    is_disputed: bool = False
    is_missing: bool = False
    lacks_notice: bool = False
    has_arbitration_clause: bool = False
    is_notarised: bool = False


def bars_of(debt: DebtFacts, lane: Lane, today: date) -> tuple[Bar, ...]:
    """What stands in the way, the gravest first.

    Law: CPL 225 and CPLI 427 (payment order), CPL 166 (small claims), Arbitration Law 27 (clause), CPL 249 (notarised),
    CC 188 (limitation), CC 546 (notice), CPL 122; a plan that is kept, an agency: house.
    """
    found = {
        Bar.NOTHING_OWED: debt.balance_minor <= 0,
        Bar.CASE_CLOSED: not debt.is_case_open,
        Bar.OPEN_ALREADY: debt.is_in_court,
        Bar.BANKRUPTCY: debt.is_bankrupt,
        Bar.DECEASED: debt.is_deceased,
        Bar.AGREEMENT_KEPT: debt.is_plan_kept,
        Bar.WITH_AGENCY: debt.is_with_agency,
        Bar.NOTICE_MISSING: debt.lacks_notice,
        Bar.ARBITRATION_CLAUSE: debt.has_arbitration_clause and lane in COURT_LANES,
        Bar.NO_ARBITRATION_CLAUSE: lane is Lane.ARBITRATION and not debt.has_arbitration_clause,
        Bar.NOTARISED: debt.is_notarised and lane in COURT_LANES,
        Bar.NOT_NOTARISED: lane is Lane.NOTARISED and not debt.is_notarised,
        Bar.DISPUTED: debt.is_disputed and lane is Lane.PAYMENT_ORDER,
        Bar.MISSING: debt.is_missing and lane in FACE_TO_FACE,
        Bar.CLAIM_TOO_HIGH: debt.claim_minor > debt.balance_minor,
        Bar.NO_LIMITATION_DAY: debt.begin_by is None,
        Bar.TIME_BARRED: debt.begin_by is not None and debt.begin_by < today,
    }
    return tuple(bar for bar, stands in found.items() if stands)
