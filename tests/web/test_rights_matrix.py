"""Role × address × method × row: every cell is tried, and none is written down here.

Addresses come from the URL configuration, rights from what a view names and from the table of rights; which rows a role
sees is `SEEN` of the book, written by hand. Both can be wrong, and then a cell says so.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from apiwork import Client as ApiClient
from apiwork import client_of
from signed import signed_in
from web.book import AT
from web.rights_book import CASES, NAME, SEEN, Row, rights_book
from zhizhi.store.api.scopes import SCOPES, TokenScope
from zhizhi.store.leases.tokens import create_token
from zhizhi.store.lenders.rights import RIGHTS, Right
from zhizhi.store.words import SERVICE_ROLE, STAFF_ROLES
from zhizhi.web.api.operations import Operation
from zhizhi.web.api.table import operations
from zhizhi.web.shared.opening import API, OPEN_TO_ALL, Address, addresses

METHODS = ("GET", "POST")
NOT_THERE = "999999999"
ADDRESSES = list(addresses())
SCREENS = [one for one in ADDRESSES if one.opening is not None and not one.route.startswith(API)]
OF_CASE = [one for one in SCREENS if "<str:number>" in one.route]
OF_HOLD = [one for one in SCREENS if one.route.startswith("holds/")]


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    """The book, with the clock of the tests of screens."""
    with rights_book(tmp_path_factory.mktemp("state")) as made:
        yield made


def path_of(one: Address, row: Row | None = None) -> str:
    """An address with the ids of a row; with ids that nobody has where none is meant."""
    known = {} if row is None else {
        "number": row.number, "decision_id": row.decision, "stop_id": row.stop, "person_id": row.person,
        "hold_id": row.hold,
    }  # fmt: skip
    known |= {"kind": "refuse", "pack_id": "cn.gbt45251"}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known.get(found[1], NOT_THERE)), one.route)


def answer_to(client: Client, method: str, path: str) -> int:
    """The status of an address; a form is sent empty."""
    return int((client.get(path) if method == "GET" else client.post(path, {})).status_code)


def declared(role: str, one: Address, method: str) -> int | None:
    """The refusal that the declaration foresees; None where the role gets in."""
    opening = one.opening
    assert opening is not None
    groups = opening.rights_for(method)
    if not all(any(right in RIGHTS[role] for right in group) for group in groups):
        return 403
    return 405 if method not in opening.methods else None


def test_every_address_names_a_right_or_says_why_it_needs_none() -> None:
    bare = {one.route for one in ADDRESSES if one.opening is None}
    assert bare == set(OPEN_TO_ALL), "name a right with `screen(…)` or `opened_by(…)`"
    assert not [one.route for one in SCREENS if one.route in OPEN_TO_ALL]


def test_every_right_opens_something_or_is_asked_by_a_use_case(pytestconfig: pytest.Config) -> None:
    named = {right for one in ADDRESSES if one.opening for right in (one.opening.right, *one.opening.posting)}
    source = pytestconfig.rootpath / "src/zhizhi"
    areas = ("usecases", "store/law", "web")
    written = "\n".join(file.read_text("utf-8") for area in areas for file in (source / area).rglob("*.py"))
    assert [right for right in Right if right not in named and f"Right.{right.name}" not in written] == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_gets_into_what_its_rights_open_and_nothing_else(
    book: dict[str, Row], role: str, record_property: pytest.FixtureRequest
) -> None:
    client, wrong, cells = signed_in(role), [], 0
    for one in SCREENS:
        for method in METHODS:
            cells += 1
            expected, got = declared(role, one, method), answer_to(client, method, path_of(one))
            fits = got == expected if expected is not None else got in (200, 302, 400, 404)
            wrong += [] if fits else [f"{method} {one.route}: {got}, declared {expected or 'open'}"]
    record_property("cells", cells)  # type: ignore[operator]  # pytest hands out a function
    assert wrong == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_meets_the_rows_that_are_meant_for_it_and_a_404_for_others(
    book: dict[str, Row], role: str, record_property: pytest.FixtureRequest
) -> None:
    client, wrong, cells = signed_in(role), [], 0
    for one in (*OF_CASE, *OF_HOLD):
        if any(name in one.route for name in ("permit_id", "target_id", "row_id")):
            continue  # a call under way belongs to one desk, a clear value to a ground, a bar to its case: tested apart
        for name, row in book.items():
            method = "GET" if "GET" in one.opening.methods else "POST"  # type: ignore[union-attr]  # all of them have one
            cells += 1
            got = answer_to(client, method, path_of(one, row))
            if declared(role, one, method) is not None:
                fits = got == 403
            elif name in SEEN[role]:
                is_lifted = "stop_id" in one.route and CASES[name][3] is None
                fits = got == 404 if is_lifted else got in (200, 302, 400)
            else:
                fits = got == 404
            wrong += [] if fits else [f"{method} {one.route} of {name}: {got}"]
    record_property("cells", cells)  # type: ignore[operator]  # pytest hands out a function
    assert wrong == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_lists_search_and_counts_show_the_same_rows(book: dict[str, Row], role: str) -> None:
    client = signed_in(role)
    meant = {book[name].number for name in SEEN[role]}
    is_open = {book[name].number for name in SEEN[role] if not CASES[name][4]}
    every = {row.number for row in book.values()}
    shown = {path: client.get(path).content.decode() for path in ("/cases", "/holds")}
    pages = {path: {number for number in every if number in page} for path, page in shown.items()}
    if Right.SEE_CASES not in RIGHTS[role]:
        assert client.post("/cases/search", {"q": NAME}).status_code == 403
        assert pages == {"/cases": set(), "/holds": set()}
        return
    found = client.post("/cases/search", {"q": NAME}, follow=True).content.decode()
    assert {number for number in every if number in found} == meant
    assert pages["/cases"] == is_open
    assert pages["/holds"] == (meant if Right.SEE_HOLDS in RIGHTS[role] else set())


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_number_of_a_case_that_is_not_ones_own_finds_nothing(book: dict[str, Row], role: str) -> None:
    client = signed_in(role)
    if Right.SEE_CASES not in RIGHTS[role]:
        asked = (client.post("/cases/search", {"q": row.number}).status_code for row in book.values())
        assert set(asked) == {403}, "there or not, the answer is the same"
        return
    nobody = client.post("/cases/search", {"q": "C-0000-00000000"}).content.decode()
    for name, row in book.items():
        if name not in SEEN[role]:
            hidden = client.post("/cases/search", {"q": row.number}).content.decode()
            assert without_token(hidden).replace(row.number, "X") == without_token(nobody).replace(
                "C-0000-00000000", "X"
            )


def without_token(page: str) -> str:
    """A page without the tokens that differ from one answer to the next."""
    return re.sub(r"[A-Za-z0-9]{64}", "", page)


def path_of_operation(one: Operation, row: Row | None = None) -> str:
    """An address with the ids of a case; with ids that nobody has where none is meant."""
    known = {} if row is None else {"case": row.number, "decision": str(row.decision)}
    path = re.sub(r"{(\w+)}", lambda found: known.get(found[1], NOT_THERE), one.path)
    return path.replace(f"permits/{NOT_THERE}", f"permits/t{NOT_THERE}")


def asked_as(secret: str, one: Operation, row: Row | None = None) -> tuple[int, str]:
    """Status and code of an operation that is sent nothing."""
    told = ApiClient(secret).ask(one.method, path_of_operation(one, row), None if one.method == "GET" else {})
    return told.status, told.code


def test_an_endpoint_wants_a_token_with_the_scope_that_it_names(
    book: dict[str, Row], record_property: pytest.FixtureRequest
) -> None:
    cells, wrong = 0, []
    until = AT + timedelta(days=1)
    given = {
        "no token": "",
        "an invented one": "zhizhi_invented",
        "none": create_token("n", "L1", None, (), expires_at=until, at=AT)[1],
    }
    given |= {str(scope): client_of("L1", AT, scopes=(scope,)).secret for scope in TokenScope}
    for one in operations():
        for name, secret in given.items():
            cells += 1
            status, code = asked_as(secret, one)
            expected = 401 if name in ("no token", "an invented one") else 200 if name == one.scope else 403
            fits = status == expected if expected != 200 else status not in (401, 403)
            wrong += [] if fits else [f"{one.method} {one.path} of {name}: {status} {code}"]
    record_property("cells", cells)  # type: ignore[operator]  # pytest hands out a function
    assert wrong == []


def test_the_role_of_a_service_account_has_what_scopes_need_and_nothing_else() -> None:
    assert {right for scope in SCOPES.values() for right in scope.rights} == RIGHTS[SERVICE_ROLE]
    wrong = [one.name for one in operations() if one.right not in one.scope.row.rights]
    assert wrong == ["listRefusedRows"] or wrong == []


# Written by hand: what a token of the lender, and one of its agency, is meant to see.
SEEN_BY_TOKENS = {None: SEEN["head"], "A1": {"placed with the agency", "agency's colleague's"}}


@pytest.mark.parametrize("agency", [None, "A1"])
def test_a_token_meets_the_rows_of_its_house_and_others_are_not_there(
    book: dict[str, Row], agency: str | None, record_property: pytest.FixtureRequest
) -> None:
    cells, wrong, secret = 0, [], client_of("L1", AT, agency).secret
    of_case = [one for one in operations() if "{case}" in one.path]
    for one in of_case:
        nothing = asked_as(secret, one)
        for name, row in book.items():
            cells += 1
            got = asked_as(secret, one, row)
            is_meant = name in SEEN_BY_TOKENS[agency]
            fits = (
                got == nothing
                if not is_meant
                else one.method != "GET" or got[0] == 200 or NOT_THERE in path_of_operation(one, row)
            )
            wrong += [] if fits else [f"{one.method} {one.path} of {name}: {got}, of nothing {nothing}"]
    record_property("cells", cells)  # type: ignore[operator]  # pytest hands out a function
    assert wrong == []
    listed = ApiClient(secret).get("cases?limit=200").document["rows"]
    meant = {book[name].number for name in SEEN_BY_TOKENS[agency] if not CASES[name][4]}
    assert {row["case"] for row in listed} == meant
    found = ApiClient(secret).post("cases/search", {"q": NAME}).document["cases"]
    assert set(found) == {book[name].number for name in SEEN_BY_TOKENS[agency]}
