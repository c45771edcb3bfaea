"""Synthetic persons: names to try a screen with, identity and telephone numbers that cannot exist, no real place."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import gcd
from operator import mul
from typing import NamedTuple

from zhizhi.gateways.generator.parameters import Names, Parameters
from zhizhi.gateways.generator.seasons import iso
from zhizhi.gateways.generator.streams import chance, word_source

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK = "10X98765432"
_SEQUENCES = 999
_MOBILES = 10**8
_MOBILE_STRIDE = 61_803_399  # prime to ten: consecutive slots land far apart and never twice
SLOTS = 4  # telephone numbers that a person brings: two of his own, two of contact persons
MOST_PERSONS = _MOBILES // SLOTS


class Person(NamedTuple):
    """Who the accounts belong to. PII: synthetic."""

    number: int
    lender: int
    customer_number: str
    name: str
    id_number: str
    mobile: str
    mobile_2: str
    email: str
    address: str


def check_digit(first_seventeen: str) -> str:
    """The last character of an identity number. Source: GB 11643, ISO 7064 MOD 11-2."""
    return _CHECK[(sum(map(mul, _WEIGHTS, first_seventeen.encode("ascii"))) - _ZEROS) % 11]


def compose_name(names: Names, drawn: tuple[int, ...]) -> str:
    """A name from seven words: mostly two or three characters, some long, some with one beyond the BMP."""
    if drawn[0] < names.minority:
        first = names.minority_first[(drawn[1] * len(names.minority_first)) >> 32]
        return f"{first}·{names.minority_last[(drawn[2] * len(names.minority_last)) >> 32]}"
    given = names.given
    one = given[(drawn[3] * len(given)) >> 32]
    two = given[(drawn[4] * len(given)) >> 32]
    if drawn[0] - names.minority < names.four_character:
        return f"{names.family_compound[(drawn[1] * len(names.family_compound)) >> 32]}{one}{two}"
    # Two draws, the smaller index: the list stands in order of frequency, and the first names are far more common.
    family = names.family[(min(drawn[1], drawn[2]) * len(names.family)) >> 32]
    if drawn[5] < names.rare_character:
        return f"{family}{one}{names.given_rare[(drawn[4] * len(names.given_rare)) >> 32]}"
    return f"{family}{one}{two}" if drawn[6] < names.double_given else f"{family}{one}"


def person_source(parameters: Parameters, seed: int, on: date) -> Callable[[int], Person]:
    """A function from a person's index to the person. No two indices share an identity or telephone number."""
    who, where = word_source(seed, "person"), word_source(seed, "person.place")
    identity, names = parameters.identity, parameters.names
    low, high = identity.born_years_before
    first_day = date(on.year - high, 1, 1).toordinal()
    days = date(on.year - low, 12, 31).toordinal() - first_day + 1
    space = len(identity.districts) * days * _SEQUENCES
    stride = next(step for step in range(space * 618 // 1000, space) if gcd(step, space) == 1)
    offset = seed * 2_654_435_761
    born = [iso(first_day + day).replace("-", "") for day in range(days)]
    pick_lender, prefix = parameters.lender_index.pick, identity.mobile_prefix
    second_number, has_email = chance_of(30), chance_of(60)

    def person(index: int) -> Person:
        drawn, place = who(index), where(index)
        rest, sequence = divmod((index * stride + offset) % space, _SEQUENCES)
        district, day = divmod(rest, days)
        code, district_name = identity.districts[district]
        seventeen = f"{code}{born[day]}{sequence + 1:03d}"
        customer = f"C{index:09d}"
        street = identity.streets[(place[0] * len(identity.streets)) >> 32]
        estate = identity.estates[(place[1] * len(identity.estates)) >> 32]
        return Person(
            index,
            pick_lender(drawn[7]),
            customer,
            compose_name(names, drawn),
            seventeen + check_digit(seventeen),
            f"{prefix}{mobile_tail(index, 0, offset):08d}",
            f"{prefix}{mobile_tail(index, 1, offset):08d}" if drawn[8] < second_number else "",
            f"{customer.lower()}@{identity.email_domain}" if drawn[9] < has_email else "",
            f"{identity.province}{district_name}{street}{1 + (place[2] * 299 >> 32)}号{estate}"
            f"{1 + (place[3] * 18 >> 32)}栋{1 + (place[4] * 26 >> 32)}{1 + (place[5] * 4 >> 32):02d}室",
        )

    return person


def chance_of(percent: int) -> int:
    """The threshold of a share in hundredths."""
    return chance(Decimal(percent) / 100)


def mobile_tail(person: int, slot: int, offset: int) -> int:
    """The eight digits after the prefix of one of a person's numbers."""
    return ((person * SLOTS + slot) * _MOBILE_STRIDE + offset) % _MOBILES


def mobile_of(parameters: Parameters, seed: int, person: int, slot: int) -> str:
    """The number in a slot: 0 and 1 the person's own, 2 and 3 those of the contact persons."""
    return f"{parameters.identity.mobile_prefix}{mobile_tail(person, slot, seed * 2_654_435_761):08d}"
