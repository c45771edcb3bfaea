"""The parameters of the behaviour model, read from `parameters.toml` and turned into integer thresholds."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Literal

from zhizhi.gateways.generator.streams import Weighted, chance, weighted

Calibration = Literal["prime", "weak"]
PRODUCTS = ("instalment_loan", "revolving_line", "credit_card")
BUCKETS = ("m1", "m2", "m3", "m4")
_SIGMA_TENTHS = 256  # one standard deviation of streams.normal_index
_LARGEST_SUM = 12 * 255
Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its amounts by normal index, its terms, what it adds when unpaid."""

    code: str
    amounts_minor: tuple[int, ...]
    periods: Weighted[int]
    rates: Weighted[str]
    penalty_tenths: int
    late_fee_percent: int


@dataclass(frozen=True, slots=True)
class Lender:
    """One of the lenders of the book, with what it lends."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    profile: str
    products: Weighted[int]


@dataclass(frozen=True, slots=True)
class Agency:
    """One of the agencies of the book."""

    code: str
    name_zh: str
    name_en: str
    evaluated_days_ago: int
    inspected_days_ago: int
    contract_ends_in_days: int
    listed: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The characters that names are made of."""

    double_given: int
    minority: int
    four_character: int
    rare_character: int
    family: str
    family_compound: tuple[str, ...]
    given: str
    given_rare: str
    minority_first: tuple[str, ...]
    minority_last: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """What identity numbers, telephone numbers and addresses that cannot exist are made of."""

    province: str
    districts: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    estates: tuple[str, ...]
    mobile_prefix: str
    email_domain: str
    born_years_before: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of one calibration. `chances` holds thresholds by `section.name` or `section.name.key`."""

    calibration: Calibration
    sha256: str
    numbers: dict[str, int]
    chances: dict[str, int]
    shares: dict[str, Decimal]
    drawn_by: Weighted[str]
    cohort_ages: Weighted[tuple[int, int]]
    stock_days: Weighted[tuple[int, int]]
    products: tuple[Product, ...]
    lenders: tuple[Lender, ...]
    lender_index: Weighted[int]
    agencies: tuple[Agency, ...]
    names: Names
    identity: Identity
    not_answered: Weighted[str]
    hour_factors: tuple[tuple[int, Decimal], ...]
    complaint_sources: Weighted[str]
    plan_months: Weighted[int]
    dials_in_session: Weighted[int]
    call_sessions: tuple[tuple[int, int], ...]
    day_lists: dict[str, tuple[int, ...]]
    spring_festival: tuple[date, ...]


def _text() -> bytes:
    return (files("zhizhi.gateways.generator") / "parameters.toml").read_bytes()


def _spans(rows: list[list[Any]]) -> Weighted[tuple[int, int]]:
    """Upper edges and shares to spans (first, last), both included."""
    spans: dict[tuple[int, int], Decimal] = {}
    low = 1
    for high, share in rows:
        spans[low, high] = Decimal(share)
        low = high + 1
    return weighted(spans)


def _amounts(median_minor: int, sigma: Decimal) -> tuple[int, ...]:
    """Log-normal amounts by normal index, to 100 yuan, from 500 to 300,000 yuan. Rounding: half even."""
    middle = _LARGEST_SUM // 2
    factors = ((sigma * (index - middle) / _SIGMA_TENTHS).exp() for index in range(_LARGEST_SUM + 1))
    amounts = (int((Decimal(median_minor) * factor / 10000).to_integral_value()) * 10000 for factor in factors)
    return tuple(min(max(amount, 50_000), 30_000_000) for amount in amounts)


def _product(code: str, table: Table) -> Product:
    return Product(
        code=code,
        amounts_minor=_amounts(table["median_minor"], table["sigma"]),
        periods=weighted({int(months): share for months, share in table["periods"].items()}),
        rates=weighted(table["annual_rates"]),
        penalty_tenths=int(Decimal(table["penalty_multiple"]) * 10),
        late_fee_percent=int(Decimal(table["late_fee_share"]) * 100),
    )


def _lender(table: Table) -> Lender:
    products = weighted({PRODUCTS.index(code): share for code, share in table["products"].items()})
    return Lender(table["code"], table["name_zh"], table["name_en"], table["kind"], table["profile"], products)


def _names(table: Table) -> Names:
    return Names(
        double_given=chance(table["double_given"]),
        minority=chance(table["minority_share"]),
        four_character=chance(table["four_character_share"]),
        rare_character=chance(table["rare_character_share"]),
        family=table["family"],
        family_compound=tuple(table["family_compound"]),
        given=table["given"],
        given_rare=table["given_rare"],
        minority_first=tuple(table["minority_first"]),
        minority_last=tuple(table["minority_last"]),
    )


def _identity(table: Table) -> Identity:
    low, high = table["born_years_before"]
    return Identity(
        province=table["province"],
        districts=tuple(table["districts"].items()),
        streets=tuple(table["streets"]),
        estates=tuple(table["estates"]),
        mobile_prefix=table["mobile_prefix"],
        email_domain=table["email_domain"],
        born_years_before=(low, high),
    )


def _flat(document: Table, calibration: Calibration) -> tuple[dict[str, int], dict[str, Decimal]]:
    """Plain numbers and shares of the sections that have no class of their own."""
    sections = {
        name: document[name]
        for name in (
            "book",
            "staff",
            "ageing",
            "season",
            "answers",
            "truth",
            "promises",
            "plans",
            "complaints",
            "statements",
            "cadence",
        )
    }
    sections["calibration"] = document["calibrations"][calibration]
    numbers: dict[str, int] = {}
    shares: dict[str, Decimal] = {}
    for section, table in sections.items():
        for key, value in table.items():
            entries = (
                {f"{section}.{key}.{inner}": item for inner, item in value.items()}
                if isinstance(value, dict)
                else {f"{section}.{key}": value}
            )
            for name, item in entries.items():
                if isinstance(item, Decimal):
                    shares[name] = item
                elif isinstance(item, int) and not isinstance(item, bool):
                    numbers[name] = item
    return numbers, shares


@lru_cache(maxsize=2)
def load_parameters(calibration: Calibration) -> Parameters:
    """The parameters of the product for one calibration. Refuses: shares that do not add up (ValueError)."""
    raw = _text()
    document: Table = tomllib.loads(raw.decode("utf-8"), parse_float=Decimal)
    numbers, shares = _flat(document, calibration)
    lenders = document["lenders"]
    cadence, season = document["cadence"], document["season"]
    return Parameters(
        calibration=calibration,
        sha256=sha256(raw).hexdigest(),
        numbers=numbers,
        chances={name: chance(share) for name, share in shares.items() if share <= 1},
        shares=shares,
        drawn_by=weighted(document["book"]["drawn_by"]),
        cohort_ages=_spans(document["book"]["cohort_ages"]),
        stock_days=_spans(document["book"]["stock_days_past_due"]),
        products=tuple(_product(code, document["products"][code]) for code in PRODUCTS),
        lenders=tuple(_lender(lender) for lender in lenders),
        lender_index=weighted({index: lender["share"] for index, lender in enumerate(lenders)}),
        agencies=tuple(Agency(**agency) for agency in document["agencies"]),
        names=_names(document["names"]),
        identity=_identity(document["identity"]),
        not_answered=weighted(document["answers"]["not_answered"]),
        hour_factors=tuple((hour, factor) for hour, factor in document["answers"]["hour_factors"]),
        complaint_sources=weighted(document["complaints"]["sources"]),
        plan_months=weighted({int(months): share for months, share in document["plans"]["months"].items()}),
        dials_in_session=weighted({int(count): share for count, share in cadence["dials_in_session"].items()}),
        call_sessions=tuple((day, chance(share)) for day, share in cadence["call_sessions"]),
        day_lists={
            "notice": tuple(cadence["notice_days"]),
            "letter": tuple(cadence["letter_days"]),
            "call_always": tuple(cadence["call_always_on"]),
            "debit_m2": tuple(document["ageing"]["debit_m2_days"]),
            "payday": tuple(season["paydays"]),
            "festival_span": tuple(season["spring_festival_days"]),
        },
        spring_festival=tuple(season["spring_festival"]),
    )
