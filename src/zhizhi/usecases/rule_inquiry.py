"""Work a breach inquiry: explain it, accept or send back an explanation, or confirm the breach."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.inquiries import Ruling, rule_inquiry
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

TEXT_CHARACTERS_MIN = 6
ARTICLE_CHARACTERS_MAX = 200
GROUNDS = {
    "not_ours": Text("非我方触达(线路或号码为他人所用)", "not a contact of ours: line or number used by others"),
    "technical": Text("对方记录有误", "the record is wrong"),
    "test": Text("测试", "a test"),
    "called_back": Text("客户来电后的回拨或转接", "a return or transfer of the customer's own call"),
    "corrected_file": Text("对方已更正文件", "the file was corrected"),
    "other": Text("其他", "other"),
}
CONSEQUENCES = {
    "warned": Text("警告", "warning"),
    "trained": Text("再培训", "training again"),
    "suspended": Text("停岗", "suspended"),
    "agency_warned": Text("书面告诫机构", "agency warned in writing"),
    "agency_ended": Text("终止委托", "placement ended"),
    "reported": Text("上报监管", "reported to the regulator"),
    "other": Text("其他", "other"),
}


@dataclass(frozen=True, slots=True)
class AnswerInquiry:
    """One person's explanation: on which ground, and what shows it."""

    inquiry_id: int
    ground: str
    proof: str
    by: int
    lender_id: int | None


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """A second person accepts the explanation, or sends it back."""

    inquiry_id: int
    accept: bool
    text: str
    by: int
    lender_id: int | None


@dataclass(frozen=True, slots=True)
class ConfirmBreach:
    """It was a breach: of which article, with which consequence."""

    inquiry_id: int
    article: str
    consequence: str
    text: str
    by: int
    lender_id: int | None


def answer_inquiry(command: AnswerInquiry, at: datetime) -> None:
    """Refuses: an unknown ground, no proof, an inquiry that is not open."""
    require(command.by, Right.ANSWER_INQUIRY)
    if command.ground not in GROUNDS:
        raise UseCaseRefused("unknown_ground", Text("请选择理由", "help: choose a ground"), "ground")
    proof = checked_text(command.proof, "proof", characters_min=TEXT_CHARACTERS_MIN)
    ruling = Ruling(command.inquiry_id, "answered", command.by, command.lender_id, proof, ground=command.ground)
    rule_inquiry(ruling, at)


def rule_answer(command: RuleAnswer, at: datetime) -> None:
    """Refuses: one's own explanation, a return without a word why, an inquiry without an explanation."""
    require(command.by, Right.RULE_INQUIRY)
    least = 0 if command.accept else TEXT_CHARACTERS_MIN
    text = checked_text(command.text, "text", characters_min=least)
    step = "explained" if command.accept else "sent_back"
    rule_inquiry(Ruling(command.inquiry_id, step, command.by, command.lender_id, text), at)


def confirm_breach(command: ConfirmBreach, at: datetime) -> None:
    """Refuses: no article, an unknown consequence, an inquiry that ended."""
    require(command.by, Right.RULE_INQUIRY)
    article = checked_text(command.article, "article", characters_min=2)
    if len(article) > ARTICLE_CHARACTERS_MAX:
        raise UseCaseRefused(
            "too_long",
            Text(f"最多 {ARTICLE_CHARACTERS_MAX} 个字", f"at most {ARTICLE_CHARACTERS_MAX} characters"),
            "article",
        )
    if command.consequence not in CONSEQUENCES:
        raise UseCaseRefused("unknown_consequence", Text("请选择处理", "help: choose a consequence"), "consequence")
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    ruling = Ruling(
        command.inquiry_id, "breach", command.by, command.lender_id, text, article=article,
        consequence=command.consequence,
    )  # fmt: skip
    rule_inquiry(ruling, at)
