"""Reading one value: each reader takes the text of a cell and gives the value, or refuses it with a code of the list.

Readers are small and cached where values repeat: a book has a million cells and a few hundred different days.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from operator import mul

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.money import Currency
from zhizhi.core.screening.personal import NUMBER_KINDS, find_personal, hidden, telephone_numbers
from zhizhi.usecases.bulk_stops.divisions import find_division
from zhizhi.usecases.intake.limits import (
    AMOUNT_MINOR_LIMIT,
    CELL_CHARACTERS_MAX,
    EARLIEST_DAY,
    NUMBER_CHARACTERS_MAX,
    YEARS_AHEAD_MAX,
)
from zhizhi.usecases.intake.problems import BadValue
from zhizhi.usecases.refused import UseCaseRefused

Reader = Callable[[str], object]

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_AMOUNT = re.compile(r"(-)?([0-9]+)(?:\.([0-9]+))?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_IDENTITY = re.compile(r"[1-9][0-9]{16}[0-9X]|[1-9][0-9]{14}")
_MOBILE = re.compile(r"1[0-9]{10}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHTS_OF_ZERO = sum(CHECK_WEIGHTS) * ord("0")
CHECK_CHARACTERS = "10X98765432"
_CACHE_MAX = 50_000
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "是", "有", "t"), True),
    **dict.fromkeys(("false", "0", "no", "n", "否", "无", "f"), False),
}


def cached(read: Reader) -> Reader:
    """The same reader that remembers what it has read; for values that repeat. Refusals are not remembered."""
    known: dict[str, object] = {}

    def remembered(cell: str) -> object:
        try:
            return known[cell]
        except KeyError:
            value = read(cell)
            if len(known) < _CACHE_MAX:
                known[cell] = value
            return value

    return remembered


def plain(cell: str) -> str:
    """Full-width digits and letters become plain ones, spaces at the ends go."""
    if cell.isascii():
        return cell.strip()
    return unicodedata.normalize("NFKC", cell).strip()


def text(longest: int) -> Reader:
    """Words as they stand, without the spaces around them; a leading `=` stays what it is: a character."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise BadValue("too_long")
        if not cell.isprintable():
            if "\ufffd" in cell or _UNSEEN.search(cell):
                raise BadValue("control_characters")
        elif "\ufffd" in cell:
            raise BadValue("broken_characters")
        return cell.strip()

    return read


def number(cell: str) -> str:
    """A number that is a name: an account, a customer, a reference."""
    if not (cell.isascii() and cell.isalnum()):
        cell = plain(cell)
        if _UNSEEN.search(cell):
            raise BadValue("control_characters")
        if "\ufffd" in cell:
            raise BadValue("broken_characters")
        if any(character.isspace() for character in cell):
            raise BadValue("bad_number")
        if _SCIENTIFIC.fullmatch(cell) and ("+" in cell or "." in cell):
            raise BadValue("scientific")
    if len(cell) > NUMBER_CHARACTERS_MAX:
        raise BadValue("too_long")
    return cell


def identity_number(cell: str) -> str:
    """A Chinese identity number, 18 or 15 characters. Source: GB 11643 (check digit of ISO 7064 MOD 11-2)."""
    cell = plain(cell).upper()
    if not _IDENTITY.fullmatch(cell):
        raise BadValue("scientific" if _SCIENTIFIC.fullmatch(cell) else "bad_identity_number")
    if len(cell) == 18:
        total = sum(map(mul, CHECK_WEIGHTS, cell.encode()))  # of characters, each 48 above its digit
        if cell[17] != CHECK_CHARACTERS[(total - _WEIGHTS_OF_ZERO) % 11]:
            raise BadValue("bad_identity_checksum")
    return cell


def mobile(cell: str) -> str:
    """A mainland mobile number, with or without +86, spaces and hyphens."""
    if len(cell) != 11 or not cell.isascii():
        cell = plain(cell).replace(" ", "").replace("-", "").removeprefix("+86")
        cell = cell.removeprefix("0086")
    if not _MOBILE.fullmatch(cell):
        raise BadValue("scientific" if _SCIENTIFIC.fullmatch(cell) else "bad_mobile")
    return cell


def email(cell: str) -> str:
    """An e-mail address, in lower case."""
    cell = plain(cell).lower()
    if not _EMAIL.fullmatch(cell):
        raise BadValue("bad_email")
    return cell


def amount(
    unit: str, currency: Currency = Currency.CNY, *, negative: str = "refuse", scientific: str = "refuse"
) -> Reader:
    """An amount in minor units; never rounded. `unit` is `minor` or `yuan` (the major unit of any currency).

    `negative = "zero"` reads a credit balance as nothing owed. `scientific = "exact"` reads `1e+05` as 100000: a
    spreadsheet that
    writes so has lost digits, a statistics program has not, and only the map can know which one it was.
    """
    digits = currency.minor_digits if unit == "yuan" else 0

    def read(cell: str) -> int:
        if unit == "minor" and cell.isascii() and cell.isdigit() and len(cell) <= 12:
            return int(cell)
        cell = plain(cell).replace("¥", "").replace("￥", "").strip()
        if _GROUPED.fullmatch(cell):
            cell = cell.replace(",", "")
        if scientific == "exact" and _SCIENTIFIC.fullmatch(cell):
            cell = f"{Decimal(cell):f}"
        match = _AMOUNT.fullmatch(cell)
        if match is None:
            raise BadValue("scientific" if _SCIENTIFIC.fullmatch(cell) else "not_an_amount")
        sign, whole, decimals = match[1], match[2], (match[3] or "").rstrip("0")
        if len(decimals) > digits:
            raise BadValue("not_whole_minor" if unit == "minor" else "too_many_decimals")
        if len(whole) > 18:
            raise BadValue("amount_too_large")
        minor = int(whole + decimals.ljust(digits, "0"))
        if minor >= AMOUNT_MINOR_LIMIT:
            raise BadValue("amount_too_large")
        if sign and minor:
            if negative == "zero":
                return 0
            raise BadValue("negative_amount")
        return minor

    return read


def day(form: str, on: date, *, may_lie_ahead: bool) -> Reader:
    """A civil day; `form` is a date format such as `%Y-%m-%d` or `%Y%m%d`."""
    latest = on.replace(year=on.year + YEARS_AHEAD_MAX, day=min(on.day, 28)) if may_lie_ahead else on

    def read(cell: str) -> date:
        cell = plain(cell)
        try:
            value = _iso_day(cell) if form == "%Y-%m-%d" else datetime.strptime(cell, form).date()  # noqa: DTZ007 - a civil day has no zone
        except ValueError as error:
            raise BadValue("scientific" if _SCIENTIFIC.fullmatch(cell) else "not_a_day") from error
        if value < EARLIEST_DAY:
            raise BadValue("day_too_early")
        if value > latest:
            raise BadValue("day_too_late" if may_lie_ahead else "future_day")
        return value

    return cached(read)


def _iso_day(cell: str) -> date:
    """`2026-05-06`, or the day in Asia/Shanghai of an instant."""
    if len(cell) == len("2026-05-06"):
        return date.fromisoformat(cell)
    value = datetime.fromisoformat(cell)
    return (value.astimezone(BEIJING) if value.tzinfo is not None else value).date()


def instant(form: str, at: datetime, *, may_lie_ahead: bool = False) -> Reader:
    """An instant; without an offset it is read in Asia/Shanghai."""
    latest = at + timedelta(days=366 * YEARS_AHEAD_MAX if may_lie_ahead else 1)

    def read(cell: str) -> datetime:
        cell = plain(cell)
        try:
            value = datetime.fromisoformat(cell) if form == "iso" else datetime.strptime(cell, form)  # noqa: DTZ007 - the zone is added below
        except ValueError as error:
            raise BadValue("not_an_instant") from error
        if value.tzinfo is None:
            value = value.replace(tzinfo=BEIJING)
        if value.date() < EARLIEST_DAY:
            raise BadValue("day_too_early")
        if value > latest:
            raise BadValue("day_too_late" if may_lie_ahead else "future_day")
        return value.astimezone(UTC)

    return read


def flag(cell: str) -> bool:
    """Yes or no."""
    try:
        return _FLAGS[plain(cell).lower()]
    except KeyError as error:
        raise BadValue("not_a_flag") from error


def whole(most: int) -> Reader:
    """A count from 0."""

    def read(cell: str) -> int:
        cell = plain(cell)
        if not (cell.isascii() and cell.isdigit()) or len(cell) > 12 or int(cell) > most:
            raise BadValue("not_a_whole_number")
        return int(cell)

    return cached(read)


def rate(cell: str) -> Decimal:
    """A rate a year as a fraction, 0 to 10."""
    cell = plain(cell)
    try:
        value = Decimal(cell)
    except InvalidOperation as error:
        raise BadValue("not_a_rate") from error
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 <= value <= 10 or (isinstance(exponent, int) and exponent < -10):
        raise BadValue("not_a_rate")
    return value


def one_of(values: tuple[str, ...], code: str = "unknown_value") -> Reader:
    """A word of a closed list."""
    known = frozenset(values)

    def read(cell: str) -> str:
        cell = plain(cell)
        if cell not in known:
            raise BadValue(code)
        return cell

    return cached(read)


def division(cell: str) -> str:
    """A division of GB/T 2260 by its code or whole name, as its code."""
    try:
        return find_division(plain(cell), "division")
    except UseCaseRefused as refused:
        raise BadValue(refused.code) from refused


def words(cell: str) -> str:
    """Free text of a note. One number in it is hidden; several are a list of people, which no note brings."""
    written = str(text(CELL_CHARACTERS_MAX)(cell.replace("\r\n", "\n").replace("\n", " ")))
    if telephone_numbers(written) > 1:
        raise BadValue("several_numbers")
    return hidden(written)


def without_numbers(longest: int) -> Reader:
    """Words in which no telephone, identity or card number has a place: a name, a relation, a ground."""
    read = text(longest)

    def checked(cell: str) -> str:
        written = str(read(cell))
        if any(one.kind in NUMBER_KINDS for one in find_personal(written)):
            raise BadValue("number_in_text")
        return written

    return checked
