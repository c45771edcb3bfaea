"""Somebody who cannot exist, and looks like the others in a list."""

import secrets
from calendar import monthrange
from collections.abc import Callable

from zhizhi.store.canaries.planting import Invented, Shape

# GB/T 2260 gives no province these two digits; the mask shows the first character alone, so it is one that others have.
PROVINCES = ("16", "17", "24", "25", "26", "38", "39", "47", "48", "56", "57", "66")
# 179xx are access codes of carriers (IP telephony), so that no number of a subscriber begins with them; eleven digits
# have the mask of a mobile. Books that were invented have 109, as `gateways/generator` says why.
MOBILE, MOBILE_OF_INVENTED_BOOKS = "1792", "1090"
_FAMILY = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林罗高"
_GIVEN = "伟芳敏静丽强磊洋勇军杰娟涛明超霞平刚桂英玉萍红梅建华国志文博"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_BORN = (1966, 2001)
_NEAR = (70, 130)  # of the balance of the case it is formed after, in hundredths

Below = Callable[[int], int]
"""A number below another one, at random."""


def invent(shape: Shape, below: Below = secrets.randbelow) -> Invented:
    """Name, identity number with a right check digit, mobile, customer and account number; a balance near that of the
    shape."""
    prefix = MOBILE_OF_INVENTED_BOOKS if shape.is_synthetic else MOBILE
    low, high = _NEAR
    return Invented(
        name=_name(below),
        id_number=_id_number(below),
        mobile=prefix + _digits(11 - len(prefix), below),
        customer_number=f"C{_digits(9, below)}",
        account_number=_digits(16, below),
        balance_minor=max(1, shape.balance_minor * (low + below(high - low)) // 100),
    )


def check_digit(first_seventeen: str) -> str:
    """The last character of an identity number. Source: GB 11643, ISO 7064 MOD 11-2."""
    return _CHECK[
        sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True)) % len(_CHECK)
    ]


def _name(below: Below) -> str:
    given = "".join(_GIVEN[below(len(_GIVEN))] for _ in range(1 + min(1, below(4))))
    return _FAMILY[below(len(_FAMILY))] + given


def _id_number(below: Below) -> str:
    year, month = _BORN[0] + below(_BORN[1] - _BORN[0]), 1 + below(12)
    day = 1 + below(monthrange(year, month)[1])
    region = f"{PROVINCES[below(len(PROVINCES))]}{1 + below(12):02d}{1 + below(30):02d}"
    seventeen = f"{region}{year}{month:02d}{day:02d}{1 + below(999):03d}"
    return seventeen + check_digit(seventeen)


def _digits(count: int, below: Below) -> str:
    return str(below(10**count)).zfill(count)
