"""触达: who can be reached, who was, and who pays without being spoken to."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.collected import COLLECTED_MONTH, COLLECTED_UNTALKED
from zhizhi.store.figures.figure import Figure, Ratio, Unit

_LENDER = "(%(lender)s::bigint IS NULL OR c.lender_id = %(lender)s)"
_CASES = f"""
SELECT c.person_id, c.product, c.balance_minor AS amount_minor,
    c.opened_on::timestamp AT TIME ZONE 'Asia/Shanghai' AS at
FROM collection_case c
WHERE c.opened_on <= %(on)s AND (c.closed_on IS NULL OR c.closed_on > %(on)s) AND {_LENDER}
"""
OPEN_CASES = Figure(
    "open_cases",
    Text("在催案件", "Open cases"),
    Text("当日未关闭的案件", "cases that were open on the day"),
    Unit.ROWS,
    _CASES,
)
REACHABLE = Figure(
    "reachable",
    Text("可联案件", "Reachable cases"),
    Text(
        "其中债务人至少有一个截至所示时刻未失效、非他人的电话号码",
        "those whose debtor has a telephone number that is neither dead nor another's, by the instant shown",
    ),
    Unit.ROWS,
    f"""{_CASES}
  AND EXISTS (SELECT 1 FROM point n JOIN party y ON y.person_id = n.person_id AND y.id = n.party_id
              WHERE n.person_id = c.person_id AND y.role = 'debtor' AND n.kind IN ('mobile', 'landline')
                AND (n.invalid_since IS NULL OR n.invalid_since > %(as_of)s) AND n.is_misdirected IS NOT TRUE)
""",
)
REACHABLE_SHARE = Ratio(
    "reachable_share",
    Text("可联率", "Reachable, share"),
    Text("可联案件占在催案件", "reachable cases of open cases"),
    REACHABLE,
    OPEN_CASES,
)

_CALLS = """
SELECT t.person_id, c.product, 0::bigint AS amount_minor, t.at
FROM contact t
JOIN LATERAL (SELECT c.product, c.lender_id FROM collection_case c WHERE c.person_id = t.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
JOIN party y ON y.person_id = t.person_id AND y.id = t.party_id
WHERE t.at >= %(from_at)s AND t.at < %(until_at)s AND t.channel = 'voice' AND t.direction = 'out'
  AND (%(lender)s::bigint IS NULL OR c.lender_id = %(lender)s) AND {which}
"""
_ANSWERED = "t.outcome IN ('connected', 'conversation', 'answered_dropped')"
_RIGHT_PARTY = "t.outcome = 'conversation' AND y.role = 'debtor'"
DIALS = Figure(
    "dials",
    Text("拨打", "Dials"),
    Text("当日拨出的电话", "calls made on the day"),
    Unit.ROWS,
    _CALLS.format(which="true"),
)
ANSWERED = Figure(
    "answered",
    Text("接通", "Answered"),
    Text("有人接听的电话", "calls that somebody answered"),
    Unit.ROWS,
    _CALLS.format(which=_ANSWERED),
)
RIGHT_PARTY = Figure(
    "right_party",
    Text("本人通话", "Talks with the debtor"),
    Text("与债务人本人的有效通话", "talks with the debtor"),
    Unit.ROWS,
    _CALLS.format(which=_RIGHT_PARTY),
)
RIGHT_PARTY_PERSONS = Figure(
    "right_party_persons",
    Text("联系到的本人", "Debtors talked with"),
    Text("当日至少一次有效通话的债务人人数", "debtors with at least one talk on the day"),
    Unit.PERSONS,
    _CALLS.format(which=_RIGHT_PARTY),
)
RIGHT_PARTY_SHARE = Ratio(
    "right_party_share",
    Text("本人接触率", "Right-party contact"),
    Text("本人通话占接通电话", "talks with the debtor, of calls that were answered"),
    RIGHT_PARTY,
    ANSWERED,
)
DIALS_A_PERSON = Ratio(
    "dials_a_person",
    Text("每联系到一位本人的拨打数", "Dials a debtor talked with"),
    Text("拨打次数除以联系到的本人人数", "dials, over debtors talked with"),
    DIALS,
    RIGHT_PARTY_PERSONS,
    is_share=False,
)
UNTALKED_SHARE = Ratio(
    "untalked_share",
    Text("自助还款占比", "Collected without a talk, share"),
    Text("本月自助回款占本月回款", "of what was collected this month, the share that came without a talk"),
    COLLECTED_UNTALKED,
    COLLECTED_MONTH,
)
