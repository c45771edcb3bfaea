"""From a recall to the first refused attempt of the agency, on every way that it has, and what a hand-over takes.

    .venv/bin/python benchmarks/recall.py [--cases 10000] [--recalls 200]

A server and a book of its own, with full durability. Cases are handed over by two persons to one agency; for some of
them the agency leases a number. Then case by case: recall, and at once the agency's system
asks for the case and confirms its lease. Seconds count from before the recall.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from gate_book import CHUNK, TEN, Book, book_of

TERM_DAYS = 90
DAYS = 70


@dataclass(slots=True)
class Measured:
    """Seconds from before the recall, by what was asked after it."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, since: float) -> None:
        """One more."""
        self.seconds.setdefault(name, []).append(time.perf_counter() - since)

    def tell(self) -> None:
        """A line each: median, 99th of a hundred, slowest."""
        for name, found in self.seconds.items():
            ordered = sorted(found)
            p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
            print(f"{name:34} p50 {statistics.median(ordered):.4f}  p99 {p99:.4f}  slowest {ordered[-1]:.4f} s")


def main() -> int:
    """Measure and print; exit code 1 where something of the agency still went through."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--recalls", type=int, default=200)
    options = parser.parse_args()
    with book_of(options.cases, 1) as book:
        agency, agent, asks, approves = open_floor(book)
        begun = time.perf_counter()
        hand_over(agency, asks, approves)
        print(f"{options.cases:,} cases handed over in {time.perf_counter() - begun:.1f} s, proposal and approval")
        return 0 if recalled(book, agency, agent, asks, options.recalls) else 1


def open_floor(book: Book) -> tuple[Any, str, int, int]:
    """An agency that may get cases, its collector, who asks and who approves, and an open case a person."""
    from zhizhi.store.ids import ids
    from zhizhi.store.keyring import list_seal
    from zhizhi.store.models import Agency, Case, Lender, Staff
    from zhizhi.store.people.rows import Masked
    from zhizhi.web.shared import clock

    clock.install(lambda: TEN)
    lender, on = Lender.objects.using("gate").get(), TEN.date()
    agency = Agency.objects.using("gate").create(
        code="A1", name="外包甲", is_listed=True, evaluated_on=on, inspected_on=on,
        contract_ends_on=on + timedelta(days=300),
    )  # fmt: skip
    agent = Staff.objects.using("gate").create(
        login="agent", name="外包催收员", role="agency_collector", agency=agency, trained_on=on
    )
    for begin in range(0, len(book.persons), CHUNK):
        some = book.persons[begin : begin + CHUNK]
        Case.objects.using("gate").bulk_create(
            Case(
                person_id=person, id=case, number=f"C-{person}", lender_id=lender.pk, stage="middle",
                days_past_due=DAYS, balance_minor=100_00, product="instalment_loan", opened_on=on, aged_on=on,
                masked=Masked("测**", "100****0000").seal(list_seal(lender.pk), person),
            )
            for person, case in zip(some, ids.take_many(len(some)), strict=True)
        )  # fmt: skip
    by = dict(Staff.objects.using("gate").filter(lender=lender).values_list("role", "id"))
    return agency, agent.login, by["supervisor"], by["compliance"]


def hand_over(agency: Any, asks: int, approves: int) -> None:
    """All that there is, in one batch."""
    from zhizhi.store.approvals.requests import load_standing
    from zhizhi.store.models import Lender
    from zhizhi.store.placements.choosing import Criteria
    from zhizhi.usecases.approvals.ruling import Rule, rule
    from zhizhi.usecases.placements.propose import ProposeBatch, propose_batch

    lender = Lender.objects.using("gate").get().pk
    asked = propose_batch(ProposeBatch(lender, Criteria(1, 400), (agency.pk,), 1, TERM_DAYS, "季度委案", asks), TEN)
    standing = load_standing(asked)
    assert standing is not None, "just asked"
    rule(Rule(asked, standing.digest, True, approves), TEN)


def recalled(book: Book, agency: Any, agent: str, asks: int, count: int) -> bool:
    """Recall so many, one after the other, and then the rest at once; whether nothing went through after a recall."""
    from django.conf import settings

    from apiwork import client_of
    from zhizhi.store.models import Lender
    from zhizhi.usecases.placements.ending import RecallCases, recall_cases

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    lender = Lender.objects.using("gate").get()
    api = client_of(lender.code, TEN, agency.code)
    measured, through = Measured(), []
    for person in book.persons[:count]:
        number = f"C-{person}"
        lease = leased(lender.code, agency.code, agent, number)
        assert api.get(f"cases/{number}").status == 200, "the agency has the case"
        begun = time.perf_counter()
        recall_cases(RecallCases(lender.pk, agency.pk, "转回自营", asks, number), TEN)
        measured.note("recall answered", begun)
        if api.get(f"cases/{number}").status != 404:
            through.append(number)
        measured.note("system of the agency: 404", begun)
        if lease() != "placement_over":
            through.append(number)
        measured.note("lease: refused before it rings", begun)
    measured.tell()
    begun = time.perf_counter()
    done = recall_cases(RecallCases(lender.pk, agency.pk, "终止合作", asks), TEN)
    print(f"the other {done.cases:,} at once in {time.perf_counter() - begun:.1f} s")
    print(f"{len(through)} of {2 * count} attempts after a recall went through")
    return not through


def leased(lender: str, agency: str, agent: str, number: str) -> Callable[[], str]:
    """Lease a number for the agency; answers how its confirmation is answered."""
    from leasework import KEYS, wanted
    from zhizhi.store.leases.answers import Asked
    from zhizhi.store.leases.candidates import Named
    from zhizhi.store.leases.tokens import create_token, load_bearer
    from zhizhi.usecases.lease import lease_permits
    from zhizhi.usecases.lease_confirm import ConfirmLease, confirm

    _, secret = create_token("d", lender, agency, ("lease", "lease.number"), expires_at=TEN + timedelta(1), at=TEN)
    bearer = load_bearer(secret, TEN)
    assert bearer is not None, "just made"
    terms = wanted(bearer, Named(case=number), caller=agent)
    (given,) = lease_permits(terms, TEN)["leases"]
    assert given["verdict"] == "permit", given
    command = ConfirmLease(bearer, given["lease"], Asked(bearer.token_id, next(KEYS), b"c"))
    return lambda: str(confirm(command, TEN + timedelta(seconds=1)).get("code"))


if __name__ == "__main__":
    sys.exit(main())
