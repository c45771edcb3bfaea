"""回款: money on debts that were overdue when it came."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.figure import Asked, Figure, Unit
from zhizhi.store.select import select

# Overdue on the day of the payment: an instalment was due before and not paid until then. A reversal takes away.
_COLLECTED = """
SELECT p.person_id, d.product, CASE p.kind WHEN 'reversal' THEN -p.amount_minor ELSE p.amount_minor END AS amount_minor,
    p.recorded_at AS at, p.paid_on
FROM payment p
JOIN debt d ON d.person_id = p.person_id AND d.id = p.debt_id
WHERE p.paid_on BETWEEN {first} AND {last} AND p.recorded_at < %(as_of)s
  AND (%(lender)s::bigint IS NULL OR d.lender_id = %(lender)s)
  AND d.currency = %(currency)s
  AND EXISTS (SELECT 1 FROM instalment i WHERE i.person_id = p.person_id AND i.debt_id = p.debt_id
              AND i.due_on < p.paid_on AND (i.paid_on IS NULL OR i.paid_on >= p.paid_on))
"""
_MONTH = "date_trunc('month', {day}::date)::date"
_THIS_DAY = "%(on)s::date"
_LAST_CYCLE = "(%(on)s::date - interval '1 month')::date"

_FORMULA = Text(
    "付款日在该期间内、付款日该债务已逾期的还款之和，减冲正；按付款日计，截至所示时刻已入账者",
    "payments whose day lies in the span, on debts overdue on that day, less reversals; by the day of payment, as"
    " recorded by the instant shown",
)

COLLECTED_TODAY = Figure(
    "collected_today",
    Text("今日回款", "Collected today"),
    _FORMULA,
    Unit.MONEY,
    _COLLECTED.format(first=_THIS_DAY, last=_THIS_DAY),
)
COLLECTED_MONTH = Figure(
    "collected_month",
    Text("本月累计回款", "Collected this month"),
    _FORMULA,
    Unit.MONEY,
    _COLLECTED.format(first=_MONTH.format(day=_THIS_DAY), last=_THIS_DAY),
)
COLLECTED_LAST_CYCLE_DAY = Figure(
    "collected_last_cycle_day",
    Text("上月同日回款", "Same day of the last cycle"),
    _FORMULA,
    Unit.MONEY,
    _COLLECTED.format(first=_LAST_CYCLE, last=_LAST_CYCLE),
)
COLLECTED_LAST_CYCLE = Figure(
    "collected_last_cycle",
    Text("上月同期累计回款", "Last month up to the same day"),
    _FORMULA,
    Unit.MONEY,
    _COLLECTED.format(first=_MONTH.format(day=_LAST_CYCLE), last=_LAST_CYCLE),
)
# Money that came without a talk: nobody spoke with the person on the day or the three days before.
COLLECTED_UNTALKED = Figure(
    "collected_untalked",
    Text("自助回款", "Collected without a talk"),
    Text(
        "本月回款中，付款当日及之前三天没有与该客户通话的部分",
        "of what was collected this month: where nobody spoke with the person on that day or the three days before",
    ),
    Unit.MONEY,
    f"""
SELECT c.person_id, c.product, c.amount_minor, c.at FROM ({COLLECTED_MONTH.rows}) c
WHERE NOT EXISTS (SELECT 1 FROM contact t WHERE t.person_id = c.person_id AND t.channel IN ('voice', 'visit')
    AND t.outcome IN ('conversation', 'met')
    AND t.at >= (c.paid_on - 3)::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND t.at < (c.paid_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
""",
)

# Cases that were opened in the thirty days that ended thirty days ago: each had its thirty days.
_ENTERED = """
SELECT y.person_id, y.debt_id, y.product, y.balance_minor, y.kept_at, c.opened_on
FROM collection_case c
JOIN debt_day y ON y.person_id = c.person_id AND y.case_id = c.id AND y."on" = c.opened_on
WHERE c.opened_on > %(on)s::date - 60 AND c.opened_on <= %(on)s::date - 30
  AND (%(lender)s::bigint IS NULL OR c.lender_id = %(lender)s) AND y.currency = %(currency)s
"""
ENTERED_THIRTY = Figure(
    "entered_thirty",
    Text("满 30 日的入催金额", "Entered thirty days ago"),
    Text(
        "30 至 59 日前入催的案件，入催当日的应还未还金额",
        "what was due on the day on which they were opened, of cases opened 30 to 59 days ago",
    ),
    Unit.MONEY,
    f"SELECT e.person_id, e.product, e.balance_minor AS amount_minor, e.kept_at AS at FROM ({_ENTERED}) e",
)
COLLECTED_THIRTY = Figure(
    "collected_thirty",
    Text("首 30 日回款", "Collected in their first thirty days"),
    Text(
        "上述案件入催后 30 日内的还款，以入催金额为限",
        "what was paid on those debts within thirty days of that day, up to what was due then",
    ),
    Unit.MONEY,
    f"""
SELECT e.person_id, e.product, least(e.balance_minor, paid.minor) AS amount_minor, paid.at
FROM ({_ENTERED}) e
JOIN LATERAL (
    SELECT sum(CASE p.kind WHEN 'reversal' THEN -p.amount_minor ELSE p.amount_minor END)::bigint AS minor,
        max(p.recorded_at) AS at
    FROM payment p WHERE p.person_id = e.person_id AND p.debt_id = e.debt_id
      AND p.paid_on >= e.opened_on AND p.paid_on < e.opened_on + 30 AND p.recorded_at < %(as_of)s
) paid ON paid.minor > 0
""",
)

_TARGET = """
SELECT product, sum(amount_minor)::bigint FROM (
    SELECT DISTINCT ON (lender_id, product) product, amount_minor FROM collection_target
    WHERE month = date_trunc('month', %(on)s::date)::date AND set_at < %(as_of)s
      AND (%(lender)s::bigint IS NULL OR lender_id = %(lender)s) AND currency = %(currency)s
    ORDER BY lender_id, product, set_at DESC
) latest GROUP BY product
"""


def load_targets(asked: Asked) -> dict[str, int]:
    """What is wanted of the month by product, in minor units; the latest one set by the instant counts."""
    return dict(select(_TARGET, asked.values()))
