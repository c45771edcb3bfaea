"""六个零: contacts that must not have happened, counted beside the gate from what happened and what had been said."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.figure import Figure, Unit

_LATEST_CASE = """
JOIN LATERAL (SELECT c.product, c.lender_id FROM collection_case c WHERE c.person_id = t.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
JOIN party y ON y.person_id = t.person_id AND y.id = t.party_id
"""
# Contacts of this house: what an import tells of earlier ones is judged by the audit of contacts.
_CONTACTS = f"""
SELECT t.person_id, c.product, 0::bigint AS amount_minor, t.at
FROM contact t {_LATEST_CASE}
WHERE t.at >= %(from_at)s AND t.at < %(until_at)s AND t.direction = 'out' AND t.import_id IS NULL
  AND (%(lender)s::bigint IS NULL OR c.lender_id = %(lender)s) AND {{which}}
"""
_COLLECTING = "coalesce(t.purpose, 'collect') IN ('collect', 'remind', 'locate', 'relay', 'discount_offer')"
_HOUR = "extract(hour FROM t.at AT TIME ZONE 'Asia/Shanghai')"
_LIABLE = "('debtor', 'co_borrower', 'guarantor', 'spouse', 'heir', 'guardian', 'attorney')"
_SAID = """EXISTS (SELECT 1 FROM statement s WHERE s.person_id = t.person_id AND s.at < t.at AND {said}
    AND NOT EXISTS (SELECT 1 FROM statement w WHERE w.person_id = s.person_id AND w.kind = 'withdraw'
                    AND w.party_id IS NOT DISTINCT FROM s.party_id AND w.body ->> 'of' = s.kind
                    AND w.at > s.at AND w.at < t.at))"""
_STOPPED = """EXISTS (SELECT 1 FROM stop s WHERE s.person_id = t.person_id AND {kind} AND s.from_at <= t.at
    AND (s.until_at IS NULL OR s.until_at > t.at) AND (s.lifted_at IS NULL OR s.lifted_at > t.at)
    AND (s.debt_id IS NULL OR t.debts IS NULL OR t.debts @> to_jsonb(s.debt_id)))"""


def _zero(code: str, name: Text, formula: Text, which: str, cites: str = "") -> Figure:
    return Figure(code, name, formula, Unit.ROWS, _CONTACTS.format(which=which), cites)


AT_NIGHT = _zero(
    "zero_night",
    Text("夜间触达", "Contacts at night"),
    Text(
        "北京时间 22:00–08:00 的触达，对方此前没有约定时间",
        "contacts from 22:00 to 08:00 in Beijing with somebody who had agreed to no hours",
    ),
    f"({_HOUR} >= 22 OR {_HOUR} < 8)"
    " AND NOT "
    + _SAID.format(said="s.party_id = t.party_id AND s.kind IN ('agree_hours', 'consent_time', 'request_callback')"),
    "GBT-016",
)
AFTER_STOP = _zero(
    "zero_after_stop",
    Text("停催、拒绝之后触达", "Contacts after a stop"),
    Text(
        "停催生效期间，或对方拒绝该渠道、该号码、拒绝再联系之后的催收类触达",
        "contacts to collect while a stop was in force, or after that medium, that number or any contact was refused",
    ),
    f"{_COLLECTING} AND ("
    + _STOPPED.format(kind="s.kind <> 'plan'")
    + " OR "
    + _SAID.format(
        said="s.party_id = t.party_id AND (s.kind = 'cease' OR (s.kind = 'refuse_contact' AND y.role <> 'debtor')"
        " OR (s.kind = 'refuse_medium' AND s.body ->> 'channel' = t.channel)"
        " OR (s.kind = 'refuse_point' AND s.body ->> 'point' = 'm' || t.point_id))"
    )
    + ")",
    "GBT-013",
)
UNDER_PLAN = _zero(
    "zero_under_plan",
    Text("方案履行中催收", "Contacts during a plan"),
    Text("还款方案履行期间的催收类触达", "contacts to collect while a plan was being performed"),
    f"{_COLLECTING} AND " + _STOPPED.format(kind="s.kind = 'plan'"),
)
THIRD_PARTY_TOLD = _zero(
    "zero_third_party_told",
    Text("向第三人透露债务", "Debts told to third persons"),
    Text(
        "与非债务人、非连带责任人、非代理人谈及债务的触达",
        "contacts in which the debt was spoken of with somebody who neither owes it nor acts for whoever does",
    ),
    f"y.role NOT IN {_LIABLE} AND t.about_debt IS TRUE",
    "GBT-014",
)
VISIT_WITHOUT_CONSENT = _zero(
    "zero_visit",
    Text("未经同意外访", "Visits without consent"),
    Text("此前没有记录对方同意上门的外访", "visits to somebody of whom no consent to a visit had been recorded"),
    "t.channel = 'visit' AND NOT "
    + _SAID.format(said="s.party_id = t.party_id AND s.kind IN ('consent_visit', 'consent_entry')"),
    "CBA-022",
)
UNTRAINED = _zero(
    "zero_untrained",
    Text("无资质人员触达", "Contacts by untrained staff"),
    Text(
        "由从未培训、上次培训已逾 365 天或证书已过期的人员所作的电话与外访（按人员现有记录）",
        "calls and visits by staff never trained, last trained more than 365 days before, or with a certificate"
        " that had ended (by what is recorded of them now)",
    ),
    """t.channel IN ('voice', 'visit') AND t.is_robot IS NOT TRUE AND EXISTS (
    SELECT 1 FROM staff f WHERE f.id = t.staff_id
    AND (f.trained_on IS NULL OR f.trained_on < (t.at AT TIME ZONE 'Asia/Shanghai')::date - 365
         OR f.certified_until < (t.at AT TIME ZONE 'Asia/Shanghai')::date))""",
    "GBT-008",
)
ZEROS = (AT_NIGHT, AFTER_STOP, UNDER_PLAN, THIRD_PARTY_TOLD, VISIT_WITHOUT_CONSENT, UNTRAINED)
