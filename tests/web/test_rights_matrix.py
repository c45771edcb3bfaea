"""Role × address × method × row: every cell is tried, and none is written down here.

Addresses come from the URL configuration, rights from what a view names and from the table of rights; which rows a role
sees is `SEEN` of the book, written by hand. Both can be wrong, and then a cell says so.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import resolve

from signed import signed_in
from web.book import AT
from web.rights_book import CASES, NAME, SEEN, Row, make_rights_book
from zhizhi.store.leases.tokens import create_token
from zhizhi.store.lenders.rights import RIGHTS, Right
from zhizhi.store.words import STAFF_ROLES
from zhizhi.web.api.asking import SCOPE
from zhizhi.web.shared import clock
from zhizhi.web.shared.opening import API, API_URLS, OPEN_TO_ALL, Address, addresses

METHODS = ("GET", "POST")
NOT_THERE = "999999999"
ADDRESSES = list(addresses())
SCREENS = [one for one in ADDRESSES if one.opening is not None and not one.route.startswith(API)]
ENDPOINTS = [one for one in ADDRESSES if one.opening is not None and one.route.startswith(API)]
OF_CASE = [one for one in SCREENS if "<str:number>" in one.route]
OF_HOLD = [one for one in SCREENS if one.route.startswith("holds/")]


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    """The book, with the clock of the tests of screens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIZHI_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, "testserver"])
        clock.install(lambda: AT)
        yield make_rights_book()
        clock.install()


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
        if "permit_id" in one.route or "target_id" in one.route:
            continue  # a call under way belongs to one desk, a clear value to a ground: tests of their own
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


def test_an_endpoint_wants_a_token_with_the_scope_that_it_names(book: dict[str, Row]) -> None:
    scopes: dict[str, tuple[str, ...]] = {"none": (), "another": ("read",), "own": (SCOPE,)}
    secrets = {"no token": "", "an invented one": "zhizhi_invented"}
    for name, given in scopes.items():
        until = AT + timedelta(days=1)
        secrets[name] = create_token(name, "L1", None, given, expires_at=until, at=AT)[1]
    expected = {"no token": {401}, "an invented one": {401}, "none": {403}, "another": {403}, "own": {400, 404, 422}}
    assert [one.route for one in ENDPOINTS if one.opening.right.value != SCOPE] == []  # type: ignore[union-attr]  # all have one
    for one in ENDPOINTS:
        path = "/" + one.route.removeprefix(API).replace("<str:lease>", "1.1").replace("<str:campaign>", "1")
        view, _, named = resolve(path, API_URLS)
        for name, secret in secrets.items():
            headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
            asked = RequestFactory().post(path, "{}", content_type="application/json", headers=headers)
            status = view(asked, **named).status_code
            assert status in expected[name], (one.route, name, status)
            assert view(RequestFactory().get(path, headers=headers), **named).status_code in (401, 403, 405)
