"""承诺与还款方案: what is promised, what was kept."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.figure import Figure, Ratio, Unit

_PROMISES = """
SELECT p.person_id, c.product, p.amount_minor, p.promised_at AS at
FROM promise p
JOIN LATERAL (SELECT c.product, c.lender_id, c.currency FROM collection_case c WHERE c.person_id = p.person_id
    ORDER BY c.id = p.case_id DESC NULLS LAST, c.opened_on DESC LIMIT 1) c ON true
WHERE p.promised_at < %(as_of)s AND (%(lender)s::bigint IS NULL OR c.lender_id = %(lender)s)
  AND c.currency = %(currency)s AND {which}
"""
# Kept by the day asked for; what was kept later does not count for it.
_KEPT = "p.state = 'kept' AND p.settled_on <= %(on)s"
_OF_THIRTY_DAYS = "p.due_on >= %(on)s::date - 30 AND p.due_on < %(on)s"

DUE_TODAY = Figure(
    "promises_today",
    Text("今日到期承诺", "Promises due today"),
    Text("到期日为当日的承诺金额", "promised amounts whose day is this one"),
    Unit.MONEY,
    _PROMISES.format(which="p.due_on = %(on)s"),
)
DUE_SEVEN = Figure(
    "promises_seven",
    Text("未来 7 日到期", "Due in the next seven days"),
    Text("到期日在其后七日内的承诺金额", "promised amounts whose day is one of the next seven"),
    Unit.MONEY,
    _PROMISES.format(which="p.due_on > %(on)s AND p.due_on <= %(on)s::date + 7"),
)
ENDED = Figure(
    "promises_ended",
    Text("近 30 日到期承诺", "Promises of the last thirty days"),
    Text("到期日在此前三十日内的承诺笔数", "promises whose day was one of the thirty before"),
    Unit.ROWS,
    _PROMISES.format(which=_OF_THIRTY_DAYS),
)
KEPT = Figure(
    "promises_kept",
    Text("近 30 日兑现承诺", "Promises kept"),
    Text("其中截至当日已兑现的笔数", "those of them that were kept by this day"),
    Unit.ROWS,
    _PROMISES.format(which=f"{_OF_THIRTY_DAYS} AND {_KEPT}"),
)
BROKEN = Figure(
    "promises_broken",
    Text("近 30 日跳票", "Promises broken"),
    Text("其中截至当日未兑现的笔数", "those of them that were not kept by this day"),
    Unit.ROWS,
    _PROMISES.format(which=f"{_OF_THIRTY_DAYS} AND NOT ({_KEPT})"),
)
KEPT_SHARE = Ratio(
    "promises_kept_share",
    Text("承诺兑现率", "Promises kept, share"),
    Text("近 30 日到期承诺中已兑现的笔数占比", "of the promises of the last thirty days, the share that was kept"),
    KEPT,
    ENDED,
)

_PLANS = """
SELECT person_id, product, balance_minor AS amount_minor, kept_at AS at FROM debt_day
WHERE "on" = (SELECT max("on") FROM debt_day WHERE "on" <= %(on)s AND NOT is_worked_out AND kept_at <= %(as_of)s
              AND (%(lender)s::bigint IS NULL OR lender_id = %(lender)s))
  AND exit IS NULL AND state = ANY ({states}) AND (%(lender)s::bigint IS NULL OR lender_id = %(lender)s)
"""
PLANS = Figure(
    "plans_in_force",
    Text("履行中方案", "Plans in force"),
    Text("账面日处于还款方案履行中的债务", "debts under a plan that is being performed, as the day began"),
    Unit.ROWS,
    _PLANS.format(states="'{plan_performing}'"),
)
PLANS_ALL = Figure(
    "plans_all",
    Text("履行中与已违约方案", "Plans in force or broken"),
    Text("账面日处于方案履行中或已违约的债务", "debts under a plan that is performed or was broken, as the day began"),
    Unit.ROWS,
    _PLANS.format(states="'{plan_performing,plan_broken}'"),
)
PLANS_KEPT_SHARE = Ratio(
    "plans_kept_share",
    Text("方案履约率", "Plans kept, share"),
    Text("履行中占（履行中＋已违约）的比例", "those in force, of those in force and broken"),
    PLANS,
    PLANS_ALL,
)
