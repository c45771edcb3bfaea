"""A collector of an agency tries everything that is not hers: ids at every address, search by whatever she may have
heard, downloads, her agency's token, and how long a refusal takes. What is not hers answers as what is not there.

By default each address meets one guess of one case of others, another at each address and the same in each run;
`ZHIZHI_ATTACK_SAMPLES=1500 pytest -s tests/web/test_collector_attack.py` tries everything everywhere and prints the
figures of SECURITY.md.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import erfc, sqrt
from random import Random
from time import perf_counter
from typing import Any

import pytest
from django.test import Client

from apiwork import Client as ApiClient
from apiwork import client_of
from gatework import rows
from signed import signed_in
from web.book import AT
from web.rights_book import NAME, SEEN, Row, rights_book
from zhizhi.web.api.operations import Operation
from zhizhi.web.api.table import operations
from zhizhi.web.shared.opening import API, Address, addresses

SAMPLES = int(os.environ.get("ZHIZHI_ATTACK_SAMPLES", "16"))
WHOLE = SAMPLES >= 1000  # a whole run tries each foreign case and each guess everywhere
GUESSES, SEARCHES = 1, 40  # at an address and in all, otherwise
ROUNDS = 3  # of times: few samples differ by luck once in a while, and a leak differs in every round
SHE = "agency_collector"
NOT_THERE, NO_CASE = "999999999", "C-2026-99999999"
SCREENS = [one for one in addresses() if one.opening is not None and not one.route.startswith(API)]
NAMED = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    with rights_book(tmp_path_factory.mktemp("state")) as made:
        yield made


@pytest.fixture(scope="module")
def her(book: dict[str, Row]) -> Client:
    return signed_in(SHE)


def foreign(book: dict[str, Row]) -> dict[str, Row]:
    """Everything that is not hers, her colleague's at the same agency too."""
    return {name: row for name, row in book.items() if name not in SEEN[SHE]}


def tell(**figures: object) -> None:
    """The figures of a run."""
    sys.stderr.write("\n" + " ".join(f"{name}={value}" for name, value in figures.items()) + "\n")


def path_of(one: Address, known: dict[str, object]) -> str:
    """An address with the ids that are known; those of nothing where none is."""
    fixed = {"kind": "refuse", "pack_id": "cn.gbt45251", "code": "open_cases", "clock": "x", "what": "name"}
    return "/" + NAMED.sub(lambda found: str({**fixed, **known}.get(found[1], NOT_THERE)), one.route)


def plain(answer: Any, path: str, *ids: object) -> tuple[int, str]:
    """An answer without its tokens and without what was asked for."""
    text = re.sub(r"[A-Za-z0-9]{64}", "", answer.content.decode(errors="replace")).replace(path, "X")
    for one in sorted({str(one) for one in ids if len(str(one)) > 3}, key=len, reverse=True):
        text = text.replace(one, "X")
    return answer.status_code, text


def ids_of(row: Row) -> dict[str, object]:
    """The ids of a case as addresses call them; any other number in an address gets each of them in turn."""
    return {"number": row.number, "decision_id": row.decision, "stop_id": row.stop, "person_id": row.person,
            "hold_id": row.hold}  # fmt: skip


def guesses(one: Address, row: Row) -> Iterator[dict[str, object]]:
    """Ids to try: those of the row by their names, and for other names each number of the row and small ones."""
    known = ids_of(row)
    others = [name for name in NAMED.findall(one.route) if name not in known]
    numbers = (row.person, row.decision, row.hold, row.stop, 1, 2, 3)
    for picked in product(numbers, repeat=1 if others else 0):
        yield {**known, **dict.fromkeys(others, picked[0] if picked else 0)}


def tried_at(one: Address, method: str, others: Sequence[Row]) -> Iterator[tuple[Row, dict[str, object]]]:
    """The cases of others and the guesses that an address meets."""
    every = [(row, known) for row in others for known in guesses(one, row)]
    if WHOLE:
        return iter(every)
    drawn = Random(f"{method} {one.route}")  # the same in each run
    row = drawn.choice(others)
    own = [pair for pair in every if pair[0] is row]
    return iter(drawn.sample(own, min(GUESSES, len(own))))


def test_ids_guessed_right_answer_as_ids_of_nothing_at_every_address(book: dict[str, Row]) -> None:
    tries, leaks = 0, []
    numbers = [row.number for row in foreign(book).values()]
    others = list(foreign(book).values())
    for one, method in product(SCREENS, ("get", "post")):
        if method == "get":
            her = signed_in(SHE)  # what is posted may end sessions
        ask: Callable[[str], Any] = getattr(her, method)
        names = NAMED.findall(one.route)
        if not names:
            tries += 1
            answer = ask(path_of(one, {}))
            leaks += [(one.route, number) for number in numbers if number in answer.content.decode(errors="replace")]
            continue
        nothing: dict[str, object] = {"number": NO_CASE}
        path = path_of(one, nothing)
        of_nothing = plain(ask(path), path, NO_CASE, NOT_THERE)
        for row, known in tried_at(one, method, others):
            tries += 1
            path = path_of(one, known)
            got = plain(ask(path), path, *known.values())
            of_row = any(name in ids_of(row) for name in names)
            if (of_row and got != of_nothing) or any(number in got[1] for number in numbers):
                leaks.append((method, one.route, got[0], of_nothing[0]))
    tell(addresses=len(SCREENS), tries=tries, leaks=len(leaks))
    assert signed_in(SHE).get("/cases").status_code == 200, "she is somebody all the while"
    assert tries >= (1000 if WHOLE else 2 * len(SCREENS)), "each address by both methods"
    assert leaks == []


def test_her_agencys_token_finds_no_more_than_she(book: dict[str, Row]) -> None:
    api, tries, leaks = client_of("L1", AT, "A1"), 0, []
    others = sorted(set(book) - {"placed with the agency", "agency's colleague's"})
    for one in operations():
        if "{" in one.path:
            nothing = _asked(api, one, None)
            drawn = Random(one.name).sample(others, len(others) if WHOLE else GUESSES)
            for name in drawn:
                row = book[name]
                tries += 1
                got = _asked(api, one, row)
                leaks += [] if got == nothing else [(one.name, name, got[0])]
    tell(operations=len(list(operations())), tries=tries, leaks=len(leaks))
    assert tries >= (100 if WHOLE else 20)
    assert leaks == []


def _asked(api: ApiClient, one: Operation, row: Row | None) -> tuple[int, str]:
    known: dict[str, object] = {"case": NO_CASE} if row is None else {"case": row.number, "decision": row.decision}
    number = NOT_THERE if row is None else str(row.person)
    path = re.sub(r"{(\w+)}", lambda found: str(known.get(found[1], number)), one.path)
    told = api.ask(one.method, path, None if one.method == "GET" else {})
    return told.status, told.code


def test_search_by_whatever_she_may_have_heard_finds_hers_alone(book: dict[str, Row], her: Client) -> None:
    heard: set[str] = {NAME, NAME[0], NAME[:2], NAME + "%", "%", "_", "*", "欧阳", "' OR 1=1 --", "C-2026", ""}
    for row in foreign(book).values():
        tail = f"{row.person % 10000:04d}"  # the book's numbers end so
        heard |= {
            row.number,
            row.number[:-1],
            row.number[2:],
            str(row.person),
            f"1090000{tail}",
            tail,
            f"109****{tail}",
        }
        heard |= {f"75010119900101{tail}", f"K{row.person}", f"A{row.person}", f"1090000{tail[:3]}", row.number.lower()}
    own = {book[name].number for name in SEEN[SHE]}
    leaks = []
    tried = sorted(heard) if WHOLE else Random("searches").sample(sorted(heard), SEARCHES)
    for written in tried:
        answer = her.post("/cases/search", {"q": written}, follow=True)
        found = set(re.findall(r"/cases/(C-[0-9-]+)", answer.content.decode()))
        leaks += [(written, number) for number in found - own]
    tell(searches=len(tried), leaks=len(leaks))
    assert len(heard) > 80, "else too little was heard to draw from"
    assert leaks == []


def rank_sum(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Mann-Whitney: the chance that one of the first is the greater, and the p-value (normal, two-sided, no ties)."""
    m, n = len(first), len(second)
    ordered = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(place for place, (_, group) in enumerate(ordered, 1) if group == 0)
    u = ranks - m * (m + 1) / 2
    z = (u - m * n / 2) / sqrt(m * n * (m + n + 1) / 12)
    return u / (m * n), erfc(abs(z) / sqrt(2))


def timed(ask: Callable[[], object]) -> float:
    begun = perf_counter()
    ask()
    return perf_counter() - begun


@pytest.mark.parametrize("way", ["page", "search", "identity", "api"])
def test_a_case_that_is_not_hers_takes_as_long_as_one_that_is_not_there(
    book: dict[str, Row], her: Client, way: str
) -> None:
    """Taken in turns, so that whatever else the machine does meets both alike."""
    api = client_of("L1", AT, "A1")
    ways: dict[str, Callable[[str], object]] = {
        "page": lambda number: her.get(f"/cases/{number}"),
        "search": lambda number: her.post("/cases/search", {"q": number}),
        "identity": lambda number: her.post("/cases/search", {"q": number}),
        "api": lambda number: api.get(f"cases/{number}"),
    }
    there, absent = [row.number for row in foreign(book).values()], NO_CASE
    ask = ways[way]
    if way == "identity":  # by what she heard of somebody: the one who exists is another lender's or desk's
        there = [f"75010119900101{row.person % 10000:04d}" for row in foreign(book).values()]
    for number in (*there, absent):
        ask(number)
    assert not all(tells_apart(way, ask, there) for _ in range(ROUNDS)), (
        "the time tells a case of others from none, each time it is taken"
    )


def tells_apart(way: str, ask: Callable[[str], object], there: Sequence[str]) -> bool:
    """Whether one round of samples tells them apart."""
    taken: tuple[list[float], list[float]] = ([], [])
    for n in range(SAMPLES):
        nobody = f"C-2026-9{n:07d}" if way != "identity" else f"7501011991{n:08d}"
        pair = ((0, there[n % len(there)]), (1, nobody))
        for group, number in pair if n % 2 else reversed(pair):
            taken[group].append(timed(lambda number=number: ask(number)))  # type: ignore[misc]  # bound here
    greater, p = rank_sum(*taken)
    medians = [sorted(group)[len(group) // 2] * 1000 for group in taken]
    tell(way=way, samples=SAMPLES, greater=f"{greater:.3f}", p=f"{p:.3g}", medians=[f"{one:.2f} ms" for one in medians])
    return p <= 1e-4 and abs(greater - 0.5) >= 0.1


def test_nothing_of_it_was_written(book: dict[str, Row]) -> None:
    others = [row.person for row in foreign(book).values()]
    assert rows("SELECT count(*) FROM person_view WHERE person_id = ANY (%s) AND role = %s", others, SHE) == [(0,)]
    assert rows("SELECT count(*) FROM unmasking WHERE person_id = ANY (%s)", others) == [(0,)]
