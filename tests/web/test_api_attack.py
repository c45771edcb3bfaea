"""An agency's system tries what is not its own: guessed ids, search, other people's lists, writes, cursors. Whatever it
tries is answered alike, and nothing is written.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from apiwork import Client, client_of
from gatework import rows
from web.book import AT
from web.rights_book import NAME, SEEN, Row, rights_book
from zhizhi.store.leases.tokens import load_tokens, revoke_token
from zhizhi.web.api.operations import Operation
from zhizhi.web.api.table import operations

OF_AN_AGENCY = {one.scope for one in operations() if one.scope.row.for_agencies}
OWN = {"placed with the agency", "agency's colleague's"}
LEFT_BY_LOOKING = ("leaf", "person_view", "kept_answer")
TABLES = ("stop", "statement", "note", "payment", "decision", "permit", "contact", "imported_file", *LEFT_BY_LOOKING)


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    with rights_book(tmp_path_factory.mktemp("state")) as made:
        yield made


@pytest.fixture(scope="module")
def agency(book: dict[str, Row]) -> Client:
    return client_of("L1", AT, "A1")


def foreign(book: dict[str, Row]) -> dict[str, Row]:
    """Everything that is not the agency's: other desks', other agencies', another lender's, placements that ended."""
    return {name: row for name, row in book.items() if name not in OWN}


def placed_with(agency: str | None, row: Row) -> None:
    """Place a case with an agency, or take it back."""
    place = (
        "UPDATE collection_case SET agency_id = (SELECT id FROM agency WHERE code = %s) WHERE number = %s RETURNING 1"
    )
    rows(place, agency, row.number)


def counted() -> list[Any]:
    """How many rows there are of everything that a request could write."""
    return [rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


def written() -> list[Any]:
    """The same without what its looking at an own case leaves."""
    return counted()[: -len(LEFT_BY_LOOKING)]


def body_of(one: Operation, row: Row) -> dict[str, Any]:
    """A body that would be right for the case."""
    party = rows("SELECT id FROM party WHERE person_id = %s AND role = 'debtor'", row.person)[0][0]
    point = rows("SELECT id FROM point WHERE person_id = %s AND kind = 'mobile'", row.person)[0][0]
    wish = {"channel": "voice", "party": f"p{party}", "point": f"m{point}", "template": "call-plan",
            "collector": "agency_collector"}  # fmt: skip
    return {
        "proposeContact": wish,
        "decideContact": wish,
        "beginCall": {"collector": "agency_collector"},
        "tellOutcome": {"collector": "agency_collector", "outcome": "no_answer"},
        "addStatement": {"kind": "complain", "by": f"p{party}"},
        "openComplaint": {"by": f"p{party}"},
        "addNote": {"action": "CALL_OUT", "outcome": "DONE", "next_step": "WAIT",
                    "next_step_at": (AT + timedelta(days=1)).isoformat()},
        "setStop": {"kind": "hardship", "ground": "突发疾病"},
        "agreePlan": {"ground": "协商分期"},
    }.get(one.name, {})  # fmt: skip


def test_ids_that_are_guessed_right_are_not_there_either(
    book: dict[str, Row], agency: Client, record_property: Any
) -> None:
    permits = rows("SELECT person_id, id FROM permit")
    leaves = rows("SELECT source_person_id, id FROM leaf WHERE source_person_id IS NOT NULL")
    before, tries, told_apart = counted(), 0, []
    for one in operations():
        if "{case}" not in one.path or one.scope not in OF_AN_AGENCY:
            continue
        for name, row in foreign(book).items():
            for number, person in ((row.number, row.person), ("C-0000-00000000", 0)):
                tries += 1
                known = {
                    "case": number,
                    "decision": str(row.decision),
                    "permit": next((f"t{permit}" for of, permit in permits if of == row.person), "t1"),
                    "leaf": next(str(leaf) for of, leaf in leaves if of == row.person),
                }
                told = agency.ask(
                    one.method, one.path.format(**known), None if one.method == "GET" else body_of(one, row)
                )
                if (told.status, told.code) != (404, "not_there"):
                    told_apart.append((one.name, name, person, told.status, told.code))
    record_property("tries", tries)
    assert tries > 300
    assert told_apart == []
    assert counted() == before


def test_ids_of_another_person_below_an_own_case_are_not_there(book: dict[str, Row], agency: Client) -> None:
    own = book["placed with the agency"].number
    before = written()
    leaves = dict(rows("SELECT source_person_id, min(id) FROM leaf WHERE source_person_id IS NOT NULL GROUP BY 1"))
    for row in foreign(book).values():
        for path in (f"decisions/{row.decision}", f"evidence/{leaves[row.person]}"):
            assert agency.get(f"cases/{own}/{path}").status == 404, path
        party = rows("SELECT id FROM party WHERE person_id = %s AND role = 'debtor'", row.person)[0][0]
        assert agency.post(f"cases/{own}/complaints", {"by": f"p{party}"}).status == 409
        wish = body_of(next(one for one in operations() if one.name == "proposeContact"), row)
        assert agency.post(f"cases/{own}/proposals", wish).places == ["/point"]
    assert written() == before


def test_search_finds_its_own_alone_by_whatever_is_searched(book: dict[str, Row], agency: Client) -> None:
    assert set(agency.post("cases/search", {"q": NAME}).document["cases"]) == {book[name].number for name in OWN}
    nothing = agency.post("cases/search", {"q": "查无此人"}).document
    for row in foreign(book).values():
        assert agency.post("cases/search", {"q": row.number}).document == nothing


def test_a_cursor_leads_nowhere_but_on_in_its_own_list(book: dict[str, Row], agency: Client) -> None:
    lender = client_of("L1", AT)
    everything = lender.get("cases?limit=1").document
    cursor = everything["cursor"]
    listed = {row["case"] for row in agency.get(f"cases?limit=200&cursor={cursor}").document["rows"]}
    assert listed <= {book[name].number for name in OWN}
    contacts = lender.get(f"cases/{book['own'].number}/decisions?limit=1").document["cursor"]
    if contacts is not None:
        own = agency.get(f"cases/{book['placed with the agency'].number}/decisions?cursor={contacts}").document["rows"]
        assert str(book["own"].decision) not in {row["decision"] for row in own}


def test_files_payments_and_refused_rows_are_the_lenders(book: dict[str, Row], agency: Client) -> None:
    own = book["placed with the agency"].number
    for told in (agency.get("imports"), agency.get("imports/1"), agency.get("imports/1/refused"),
                 agency.post(f"cases/{own}/payments", {})):  # fmt: skip
        assert (told.status, told.code) == (403, "no_scope")


def test_nobody_else_speaks_for_the_agency_and_it_for_nobody_else(book: dict[str, Row], agency: Client) -> None:
    own = book["placed with the agency"]
    wish = body_of(next(one for one in operations() if one.name == "proposeContact"), own)
    for login in ("collector", "other_agency", "head", "nobody"):
        told = agency.post(f"cases/{own.number}/proposals", {**wish, "collector": login})
        assert (told.status, told.places) == (422, ["/collector"]), login


def test_what_opens_a_leaf_is_the_lenders_to_know(book: dict[str, Row], agency: Client) -> None:
    own = book["placed with the agency"].number
    bundle = agency.get(f"cases/{own}/evidence/bundle").document["rows"]
    assert bundle
    assert all(row["opened"] == [] for row in bundle)
    assert any(row["opened"] for row in client_of("L1", AT).get(f"cases/{own}/evidence/bundle").document["rows"])


def test_a_placement_that_ends_and_a_token_that_is_revoked_end_it_at_once(book: dict[str, Row]) -> None:
    system = client_of("L1", AT, "A1")
    own = book["agency's colleague's"]
    assert system.get(f"cases/{own.number}").status == 200
    placed_with(None, own)
    assert system.get(f"cases/{own.number}").status == 404
    placed_with("A1", own)
    revoke_token(load_tokens()[0].id, AT)
    assert system.get(f"cases/{own.number}").status == 401


def test_an_agency_of_two_lenders_sees_with_each_token_that_lenders_cases(book: dict[str, Row]) -> None:
    other = book["other lender"]
    placed_with("A1", other)
    first, second = client_of("L1", AT, "A1"), client_of("L2", AT, "A1")
    assert {row["case"] for row in second.get("cases").document["rows"]} == {other.number}
    assert other.number not in {row["case"] for row in first.get("cases").document["rows"]}
    assert first.get(f"cases/{other.number}").status == 404
    assert SEEN["agency_manager"] == OWN
