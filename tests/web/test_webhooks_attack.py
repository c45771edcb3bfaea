"""An agency's system tries to be told of what is not its own: other types, other endpoints, other cases, replays."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from apiwork import client_of
from gatework import rows
from hookwork import LOOPBACK, Receiver, sending_to, sent, told
from signed import signed_in
from web.book import AT
from web.rights_book import Row, rights_book
from zhizhi.core.kernel.addresses import read_networks
from zhizhi.store.webhooks.catalogue import types_for
from zhizhi.usecases.webhooks import house

OWN = {"placed with the agency", "agency's colleague's"}
OF_LENDER = set(types_for(is_agency=False)) - set(types_for(is_agency=True))


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    house.install(house.HouseRules(read_networks(LOOPBACK)))
    try:
        with rights_book(tmp_path_factory.mktemp("state")) as made:
            yield made
    finally:
        house.install(house.HouseRules())


def happen(book: dict[str, Row]) -> None:
    """Something happens to every case of the book, by the lenders' own systems."""
    for lender in ("L1", "L2"):
        system = client_of(lender, AT)
        for row in book.values():
            debtor = rows("SELECT id FROM party WHERE person_id = %s AND role = 'debtor'", row.person)[0][0]
            system.post(f"cases/{row.number}/complaints", {"by": f"p{debtor}"})


def test_whatever_an_agency_asks_for_it_is_told_of_its_own_placements_alone(
    book: dict[str, Row], receiver: Receiver, record_property: Any
) -> None:
    agency, lender = client_of("L1", AT, "A1"), client_of("L1", AT)
    tries = 0
    wrong: list[tuple[object, ...]] = []
    for event in sorted(OF_LENDER):
        tries += 1
        answer = agency.post("webhooks", {"url": receiver.url, "events": [event]})
        if (answer.status, answer.places) != (409, ["/events"]):
            wrong.append((event, answer.status))
    mine = agency.post("webhooks", {"url": f"{receiver.url}/agency"}).document["webhook"]
    theirs = lender.post("webhooks", {"url": f"{receiver.url}/lender"}).document["webhook"]
    others = client_of("L1", AT, "A1").post("webhooks", {"url": f"{receiver.url}/colleague"}).document["webhook"]
    for event in sorted(OF_LENDER):
        tries += 1
        answer = agency.ask("PATCH", f"webhooks/{mine}", {"events": [event]})
        if answer.status != 409:
            wrong.append((event, answer.status))
    happen(book)
    told(AT)
    sending = sending_to(receiver)
    sent(sending, AT)
    foreign = [str(row[0]) for row in rows("SELECT id FROM webhook_delivery WHERE endpoint_id <> %s", int(mine))]
    attempts = [
        (method, f"webhooks/{endpoint}{path}", body)
        for endpoint in (theirs, others, "1", "999999999999")
        for method, path, body in (
            ("GET", "", None), ("PATCH", "", {"url": f"{receiver.url}/stolen"}), ("DELETE", "", None),
            ("POST", "/secret", {}), ("POST", "/replay", {"since": "2026-01-01T00:00:00Z"}),
            *(("POST", "/replay", {"delivery": one}) for one in foreign[:5]),
        )
    ] + [("GET", f"webhook-deliveries/{one}", None) for one in foreign]  # fmt: skip
    for method, path, body in attempts:
        tries += 1
        answer = agency.ask(method, path, body)
        if (answer.status, answer.code) != (404, "not_there"):
            wrong.append((method, path, answer.status, answer.code))
    for one in foreign[:5]:
        tries += 1
        if agency.post(f"webhooks/{mine}/replay", {"delivery": one}).document.get("messages") != 0:
            wrong.append(("replayed under its own endpoint", one))
    tries += 2
    listed = agency.get(f"webhook-deliveries?webhook={theirs}&limit=200").document["rows"]
    wrong += [("listed", row) for row in listed]
    if {row["webhook"] for row in agency.get("webhook-deliveries?limit=200").document["rows"]} != {mine}:
        wrong.append(("listed others'",))
    sent(sending, AT)
    sending.close()
    own = {book[name].number for name in OWN}
    told_of = {json.loads(one.body)["data"]["case"] for one in receiver.got if one.path.endswith("/agency")}
    assert told_of == own, "and of each of its own"
    assert not [one for one in receiver.got if one.path.endswith("/stolen")]
    everything = {json.loads(one.body)["data"]["case"] for one in receiver.got if one.path.endswith("/lender")}
    assert everything > own
    record_property("tries", tries)
    assert tries > 80, tries
    assert wrong == []


def test_no_type_of_an_agency_is_one_of_the_lender_alone() -> None:
    of_nobodys_case = {"import.ended", "breach_inquiry.opened", "breach_inquiry.ended"}
    assert {one.value for one in OF_LENDER} == of_nobodys_case | {"placement.ended"}


def test_a_collector_has_no_way_to_webhooks(book: dict[str, Row]) -> None:
    for login in ("agency_collector", "agency_manager", "collector", "head"):
        browser = signed_in(login)
        for path in ("/webhooks", "/webhooks/1"):
            assert browser.get(path).status_code == 403, (login, path)
            assert browser.post(path, {"endpoint": "1"}).status_code == 403, (login, path)
