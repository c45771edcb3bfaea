"""What to keep as evidence and where to complain, in plain words.

Source: cn_conduct_standards R1 (who takes which complaints), cn_statutes D-01, D-04 (the institution answers for its
agencies; 15 days in simple cases), PSPL 50 and CRIM 293-1 for threats. Nothing else is promised.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zhizhi.core.kernel.text import Text

EVIDENCE: Mapping[str, tuple[Text, ...]] = {
    "call": (
        Text("通话记录截图：对方号码、日期、时刻、时长", "a screenshot of the call list: number, day, time, length"),
        Text(
            "通话录音（如果有）；没有就尽快写下对方的原话",
            "a recording if you have one; else write down at once what was said",
        ),
    ),
    "message": (
        Text(
            "整屏截图，看得见对方号码或账号和时间；不要删除原消息",
            "full screenshots with sender and time; do not delete the message",
        ),
    ),
    "visit": (
        Text("时间、地点、来了几个人、姓名和证件", "time, place, how many came, names and cards"),
        Text("门口监控、手机录像或在场的人", "a door camera, a video, or who was there"),
    ),
    "letter": (Text("信件原件和信封（邮戳）", "the letter itself and its envelope with the postmark"),),
    "public_post": (
        Text("照片或录屏：内容、地点、日期；看到的人", "photos or a screen recording: content, place, day; who saw it"),
    ),
    "others": (
        Text(
            "请被联系的人保留通话记录、短信截图，写下对方说了什么",
            "ask that person to keep the call list or message and to write down what was said",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place to complain at."""

    name: Text
    what: Text


_FIRST = Place(
    Text("① 先向贷款机构投诉", "1. First the lender"),
    Text(
        "机构官方客服或网站公布的投诉渠道。机构要为它委托的催收公司负责；"
        "事实清楚、争议简单的投诉，收到后 15 日内应有处理结果。请留下投诉编号。",
        "Its official service line or the complaint channel on its site. The lender answers for the agencies that it"
        " hires; a simple and clear complaint has to be decided within 15 days. Keep the complaint number.",
    ),
)
_BANKS = Place(
    Text("② 金融监管部门 12378", "2. The financial regulator, 12378"),
    Text(
        "国家金融监督管理总局的投诉热线，受理对银行、消费金融公司的投诉。",
        "The hotline of the National Financial Regulatory Administration takes complaints about banks and consumer"
        " finance companies.",
    ),
)
_MICRO = Place(
    Text("② 地方金融管理部门", "2. The local financial administration"),
    Text(
        "小额贷款公司的投诉由所在地的地方金融管理部门受理。",
        "Complaints about micro-loan companies go to the local financial administration.",
    ),
)
_ASSOCIATION = Place(
    Text("③ 行业协会", "3. The industry association"),
    Text(
        "自律规则由协会执行：机构是中国银行业协会或中国互联网金融协会会员的，可以向协会反映。",
        "Self-regulation is the associations' work: where the lender is a member of the China Banking Association or"
        " the National Internet Finance Association, tell the association.",
    ),
)
_POLICE = Place(
    Text("有威胁、上门闹事、非法闯入：报警 110", "Threats, violence, breaking in: the police, 110"),
    Text(
        "威胁人身安全、多次发送侮辱恐吓信息，由公安机关依治安管理处罚法处理；以暴力、恐吓催收非法债务可能构成犯罪。",
        "Threats to safety and repeated insulting or threatening messages are for the police under the Public Security"
        " Administration Punishments Law; collecting illegal debts by violence or intimidation can be a crime.",
    ),
)


def places(lender: str, is_threat: bool) -> tuple[Place, ...]:
    """Where to complain, in order; the police first where somebody was threatened."""
    if lender == "unknown":
        regulators: tuple[Place, ...] = (_BANKS, _MICRO)
    else:
        regulators = (_MICRO,) if lender == "cn.microloan" else (_BANKS,)
    found = (_FIRST, *regulators, _ASSOCIATION)
    return (_POLICE, *found) if is_threat else (*found, _POLICE)
