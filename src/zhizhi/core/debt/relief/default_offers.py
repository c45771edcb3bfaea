"""The catalogue with which a new lender begins: illustrative values, nobody's policy, and no law but where it is cited.

Source: no plan bears interest while it is kept; a card plan has at most sixty months (CBRC 2011-2 70).
"""

from datetime import date
from fractions import Fraction

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.relief.offers import CARD, Catalogue, Grant, Level, Offer, OfferKind
from zhizhi.core.kernel.text import Text

_ALL = frozenset({"instalment_loan", "revolving_line", CARD})
_LATE = (Component.PENALTY_INTEREST, Component.COMPOUND_INTEREST, Component.DAMAGES)
_HALF = {part: Fraction(1, 2) for part in _LATE}
_WHOLE = {part: Fraction(1) for part in _LATE}

_OFFERS = (
    Offer(
        "lump_late",
        Text("一次结清，罚息、复利、违约金减半", "one payment; half of penalties waived"),
        OfferKind.LUMP_SUM,
        _ALL,
        31,
        91,
        _HALF,
        (1,),
        valid_days=7,
        grace_days=0,
    ),
    Offer(
        "lump_m4",
        Text("一次结清，罚息、复利、违约金全免，手续费减半", "one payment; penalties waived, half of fees"),
        OfferKind.LUMP_SUM,
        _ALL,
        91,
        181,
        {**_WHOLE, Component.FEES: Fraction(1, 2)},
        (1,),
        valid_days=10,
        grace_days=0,
    ),
    Offer(
        "lump_old",
        Text("一次结清，息费减免，利息减半", "one payment; penalties and fees waived, half of interest"),
        OfferKind.LUMP_SUM,
        _ALL,
        181,
        361,
        {**_WHOLE, Component.FEES: Fraction(1), Component.TERM_INTEREST: Fraction(1, 2)},
        (1,),
        valid_days=15,
        grace_days=0,
    ),
    Offer(
        "lump_last",
        Text("一次结清，息费全免，本金减一成", "one payment; interest and fees waived, a tenth of principal"),
        OfferKind.LUMP_SUM,
        _ALL,
        361,
        None,
        {
            **_WHOLE,
            Component.FEES: Fraction(1),
            Component.TERM_INTEREST: Fraction(1),
            Component.PRINCIPAL: Fraction(1, 10),
        },
        (1,),
        valid_days=15,
        grace_days=0,
    ),
    Offer(
        "instalments_short",
        Text("短期分期，罚息、复利、违约金减半", "a few instalments; half of penalties waived"),
        OfferKind.INSTALMENTS,
        _ALL,
        31,
        None,
        _HALF,
        (3, 6, 12),
        valid_days=7,
        grace_days=3,
    ),
    Offer(
        "instalments_hardship",
        Text("困难客户长期分期，罚息、复利、违约金全免", "long instalments in hardship; penalties waived"),
        OfferKind.INSTALMENTS,
        _ALL,
        1,
        None,
        _WHOLE,
        (24, 36, 60),
        valid_days=15,
        grace_days=7,
        needs_hardship=True,
    ),
    Offer(
        "interest_stop",
        Text("停息，欠款分期还清", "interest stops; what stands is paid in instalments"),
        OfferKind.INTEREST_STOP,
        _ALL,
        4,
        None,
        {},
        (3, 6),
        valid_days=7,
        grace_days=3,
    ),
)
_GRANTS = (
    Grant(Level.COLLECTOR, 0, Fraction(0), 0, 6),
    Grant(Level.COLLECTOR, 91, Fraction(1, 20), 50_000, 6),
    Grant(Level.LEADER, 31, Fraction(1, 10), 200_000, 12),
    Grant(Level.LEADER, 91, Fraction(1, 5), 500_000, 12),
    Grant(Level.APPROVER, 0, Fraction(1, 5), 1_000_000, 36, principal=True),
    Grant(Level.APPROVER, 91, Fraction(2, 5), 3_000_000, 60, principal=True),
)
DEFAULT_CATALOGUES = (Catalogue("default-1", date(2020, 1, 1), _OFFERS, _GRANTS),)
