"""Leases: what counts, from when, until what is proven; who may ask for whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from book import make_staff
from gatework import TEN, at_once, rows
from leasework import KEYS, Desk, Placed, bearer_of, lease, make_desk, place
from zhizhi.store.leases.answers import Asked, OtherRequest
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.claims import CLAIM_LOST_AFTER, give_up_lost_claims
from zhizhi.store.transact.person import writing
from zhizhi.store.transact.stops import add_stop
from zhizhi.usecases.lease_confirm import ConfirmLease, EndCampaign, NotFound, confirm, end
from zhizhi.usecases.lease_record import RecordLease, record
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.refused import UseCaseRefused

pytestmark = pytest.mark.usefixtures("store")
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    return make_desk()


@pytest.fixture
def bearer(desk: Desk) -> Bearer:
    return bearer_of(desk)


@pytest.fixture
def someone(desk: Desk) -> Placed:
    return place(desk)


def leased(bearer: Bearer, someone: Placed, **terms: Any) -> str:
    (answer,) = lease(bearer, someone, **terms)
    assert answer["verdict"] == "permit", answer
    return str(answer["lease"])


def asked(bearer: Bearer, key: str | None = None) -> Asked:
    return Asked(bearer.token_id, key or next(KEYS), b"test")


def confirmed(bearer: Bearer, name: str, at: datetime = TEN) -> dict[str, Any]:
    return confirm(ConfirmLease(bearer, name, asked(bearer)), at)


def told(bearer: Bearer, name: str, kind: str, at: datetime = TEN + SECOND, **facts: Any) -> dict[str, Any]:
    """A record that came at `at`, of a call that was dialled at ten."""
    known = {"ring_seconds": None, "talk_seconds": None, "number": None, "proof": "", "began_at": TEN}
    return record(RecordLease(bearer=bearer, lease=name, kind=kind, asked=asked(bearer), **(known | facts)), at)  # type: ignore[arg-type]  # every key by name


def counted(someone: Placed) -> int:
    """Calls out that the law counts, certainly or perhaps."""
    document = load_facts([someone.who.person], TEN)[someone.who.person].document
    return sum(event["direction"] == "out" for event in document["events"])


def states(someone: Placed) -> tuple[str, str]:
    """Permit and delivery."""
    found = rows(
        "SELECT m.state, d.state FROM permit m JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id"
        " WHERE m.person_id = %s ORDER BY m.id DESC LIMIT 1",
        someone.who.person,
    )
    return found[0]  # type: ignore[return-value]  # two columns


def inquiries(someone: Placed) -> list[str]:
    found = rows("SELECT kind FROM breach_inquiry WHERE person_id = %s ORDER BY id", someone.who.person)
    return [row[0] for row in found]


class TestWhatALeaseCounts:
    def test_it_is_used_from_its_first_second(self, bearer: Bearer, someone: Placed) -> None:
        (answer,) = lease(bearer, someone)
        assert answer["number"] == someone.who.number
        assert answer["expires_in_seconds"] == 60
        assert states(someone) == ("used", "claimed")
        assert rows("SELECT used_at, expires_at FROM permit WHERE person_id = %s", someone.who.person) == [
            (TEN, TEN + 60 * SECOND)
        ]
        assert counted(someone) == 1

    def test_time_alone_gives_nothing_back(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone, seconds=5)
        later = TEN + CLAIM_LOST_AFTER + SECOND
        give_up_lost_claims(later)
        assert states(someone) == ("used", "unknown")
        assert rows("SELECT failure FROM delivery WHERE person_id = %s", someone.who.person) == [("no_record",)]
        assert counted(someone) == 1
        assert told(bearer, name, "no_answer", later)["state"] == "settled"
        assert states(someone) == ("used", "delivered")

    def test_the_cap_holds_for_two_diallers_at_once(self, desk: Desk, someone: Placed) -> None:
        bearers = [bearer_of(desk) for _ in range(2)]
        done = at_once([lambda b=one: lease(b, someone)[0] for one in bearers for _ in range(4)])
        assert not [one for one in done if isinstance(one, Exception)]
        permits = [one for one in done if one["verdict"] == "permit"]  # type: ignore[index]  # no exception is left
        assert 1 <= len(permits) <= 3
        assert counted(someone) == len(permits)
        more = [lease(bearers[0], someone, at=TEN + n * SECOND)[0]["verdict"] for n in range(1, 6)]
        assert len(permits) + more.count("permit") == 3, "three calls a day, certain or perhaps"

    def test_a_refusal_says_rule_citation_and_when(self, desk: Desk, bearer: Bearer, someone: Placed) -> None:
        night = TEN + timedelta(hours=13)
        (answer,) = lease(bearer, someone, at=night)
        assert answer["verdict"] == "forbid"
        assert answer["next_permitted_at"] is not None
        assert all(reason["rule"] and reason["cites"] and reason["explain"]["zh"] for reason in answer["reasons"])


class TestConfirming:
    def test_once_and_not_after_its_time(self, bearer: Bearer, desk: Desk, someone: Placed) -> None:
        name = leased(bearer, someone)
        assert confirmed(bearer, name)["number"] == someone.who.number
        assert confirmed(bearer, name)["code"] == "confirmed_before"
        late = leased(bearer, other := place(desk), seconds=5)
        assert confirmed(bearer, late, TEN + 5 * SECOND)["code"] == "expired"
        assert counted(other) == 1

    def test_two_processes_confirm_and_one_rings(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        done = at_once([lambda: confirmed(bearer, name) for _ in range(4)])
        assert [one["valid"] for one in done].count(True) == 1  # type: ignore[index]  # an exception would fail here

    def test_what_came_between_recalls_it(self, desk: Desk, bearer: Bearer) -> None:
        stopped, spoken = place(desk), place(desk)
        names = [leased(bearer, one) for one in (stopped, spoken)]
        at = TEN + SECOND
        add_stop(stopped.who.person, "complaint", None, "test", None, at=at, by="test")
        by = make_staff("heard", "supervisor").pk
        record_statement(RecordStatement(spoken.who.person, spoken.who.party, "refuse_contact", {}, by), at)
        assert [confirmed(bearer, name, at + SECOND)["code"] for name in names] == ["stop", "statement"]
        assert [counted(one) for one in (stopped, spoken)] == [1, 1], "it may have rung all the same"

    def test_the_end_of_a_campaign_recalls_what_waits(self, desk: Desk, bearer: Bearer) -> None:
        waits, rings = place(desk), place(desk)
        name, ringing = (leased(bearer, one, campaign="noon") for one in (waits, rings))
        assert confirmed(bearer, ringing)["valid"]
        assert end(EndCampaign(bearer, "noon", asked(bearer)), TEN + SECOND) == {"campaign": "noon", "recalled": 1}
        assert confirmed(bearer, name, TEN + SECOND)["code"] == "campaign_over"
        with pytest.raises(UseCaseRefused, match="campaign_over"):
            lease(bearer, place(desk), campaign="noon")
        assert end(EndCampaign(bearer, "noon", asked(bearer)), TEN + SECOND)["recalled"] == 0

    def test_the_database_refuses_what_code_must_not_do(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        lease_id = name.partition("-")[2]
        for wrong in ("expires_at", "leased_at - interval '1 second'"):
            with pytest.raises(IntegrityError):
                rows(f"UPDATE lease SET confirmed_at = {wrong} WHERE id = %s RETURNING id", lease_id)
        confirmed(bearer, name)
        with pytest.raises(IntegrityError):
            rows("UPDATE lease SET confirmed_at = NULL WHERE id = %s RETURNING id", lease_id)


class TestTheLawIsAskedAgain:
    """Where somebody committed for the person since the lease, by today's facts and without the lease's own permit."""

    def decisions(self, someone: Placed) -> list[tuple[Any, ...]]:
        return rows("SELECT verdict FROM decision WHERE person_id = %s ORDER BY id", someone.who.person)

    def settle_debts(self, someone: Placed) -> None:
        """The lender's file says that nothing is owed any more."""
        with writing(someone.who.person):
            rows("UPDATE debt SET state = 'settled' WHERE person_id = %s RETURNING id", someone.who.person)

    def test_not_where_nobody_did(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        rows("UPDATE debt SET state = 'settled' WHERE person_id = %s RETURNING id", someone.who.person)
        assert confirmed(bearer, name)["valid"], "what no commit told is not looked for before each ring"

    def test_it_rings_where_the_law_still_permits(self, bearer: Bearer, someone: Placed) -> None:
        names = [leased(bearer, someone) for _ in range(3)]
        assert [confirmed(bearer, name)["valid"] for name in names] == [True] * 3
        assert self.decisions(someone) == [("permit",)] * 3

    def test_it_does_not_ring_where_the_law_permits_no_more(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        self.settle_debts(someone)
        answer = confirmed(bearer, name, TEN + SECOND)
        assert (answer["valid"], answer["code"], answer["verdict"]) == (False, "law", "forbid")
        assert answer["reasons"][0]["explain"]["zh"]
        assert self.decisions(someone) == [("permit",), ("forbid",)]
        assert counted(someone) == 1, "it may have rung all the same"
        assert confirmed(bearer, name, TEN + SECOND)["code"] == "law"

    def test_it_does_not_ring_where_the_caller_has_left(self, desk: Desk, bearer: Bearer, someone: Placed) -> None:
        leaver = make_staff("leaver", "collector", desk.lender, 50)
        name = leased(bearer, someone, caller="leaver")
        leased(bearer, someone)
        rows("UPDATE staff SET is_active = false WHERE id = %s RETURNING id", leaver.pk)
        assert confirmed(bearer, name)["code"] == "unknown_caller"

    def test_an_agencys_caller_is_asked_about_as_theirs(self, desk: Desk, bearer: Bearer) -> None:
        someone = place(desk, at_agency=True)
        agency = bearer_of(desk, agency=True)
        name = leased(agency, someone, caller="agent")
        leased(agency, someone, caller="agent")
        assert confirmed(agency, name)["valid"]


class TestRecords:
    def test_never_rang_gives_it_back_with_proof_only(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        with pytest.raises(UseCaseRefused, match="no_proof"):
            told(bearer, name, "never_rang")
        assert told(bearer, name, "never_rang", proof="CDR-0001") == {
            "lease": name, "counted": False, "state": "given_back", "inquiries": [],
        }  # fmt: skip
        assert states(someone) == ("released", "failed")
        assert counted(someone) == 0
        assert told(bearer, name, "never_rang", proof="CDR-0001")["state"] == "given_back"
        assert confirmed(bearer, name)["code"] == "settled"

    def test_what_rang_is_not_given_back(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        confirmed(bearer, name)
        assert told(bearer, name, "rang")["state"] == "open"
        with pytest.raises(UseCaseRefused, match="it_rang"):
            told(bearer, name, "never_rang", proof="CDR-0002")
        assert counted(someone) == 1

    def test_an_abandoned_call_is_a_contact(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        confirmed(bearer, name)
        assert told(bearer, name, "abandoned")["state"] == "settled"
        found = rows("SELECT outcome, talk_seconds, exchanged FROM contact WHERE person_id = %s", someone.who.person)
        assert found == [("answered_dropped", None, None)]

    def test_records_come_in_any_order_and_twice(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        confirmed(bearer, name)
        for kind in ("talked", "answered", "rang", "talked"):
            answer = told(bearer, name, kind, talk_seconds=40 if kind == "talked" else None)
            assert (answer["state"], answer["inquiries"]) == ("settled", [])
        found = rows("SELECT outcome, talk_seconds FROM contact WHERE person_id = %s", someone.who.person)
        assert found == [("conversation", 40)]

    @pytest.mark.parametrize(
        ("facts", "kind"),
        [
            ({"began_at": TEN + 70 * SECOND}, "record_without_permit"),
            ({"number": "10099999999"}, "number_differs"),
        ],
        ids=["after its time", "another number"],
    )
    def test_a_call_that_should_not_be_is_asked_about(
        self, bearer: Bearer, someone: Placed, facts: dict[str, Any], kind: str
    ) -> None:
        name = leased(bearer, someone)
        confirmed(bearer, name)
        for _ in range(2):
            assert told(bearer, name, "no_answer", TEN + 80 * SECOND, **facts)["inquiries"] == [kind]
        assert inquiries(someone) == [kind]
        assert counted(someone) == 1

    def test_a_call_that_nobody_confirmed_is_asked_about(self, bearer: Bearer, someone: Placed) -> None:
        assert told(bearer, leased(bearer, someone), "no_answer")["inquiries"] == ["record_without_permit"]

    def test_a_call_on_a_permit_that_was_given_back_is_asked_about(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        told(bearer, name, "never_rang", proof="CDR-0003")
        answer = told(bearer, name, "talked", talk_seconds=30)
        assert answer["inquiries"][0] == "released_permit"
        assert inquiries(someone)[0] == "released_permit"

    def test_two_ends_are_asked_about(self, bearer: Bearer, someone: Placed) -> None:
        name = leased(bearer, someone)
        confirmed(bearer, name)
        told(bearer, name, "no_answer")
        assert told(bearer, name, "talked", talk_seconds=30)["inquiries"] == ["outcome_differs"]


class TestWhoAsks:
    def test_an_agency_leases_its_placements_and_no_other_case(self, desk: Desk) -> None:
        agency = bearer_of(desk, agency=True)
        placed, own = place(desk, at_agency=True), place(desk)
        answers = lease(agency, placed, own, caller="agent")
        assert [answers[0]["verdict"], answers[1].get("code")] == ["permit", "unknown_case"]
        collector = rows("SELECT collector FROM permit WHERE person_id = %s", placed.who.person)
        assert collector == [("A1",)]
        name = leased(bearer_of(desk), own)
        for ask in (lambda: confirmed(agency, name), lambda: told(agency, name, "rang")):
            with pytest.raises(NotFound):
                ask()

    def test_a_caller_of_another_house_is_unknown(self, desk: Desk, bearer: Bearer, someone: Placed) -> None:
        with pytest.raises(UseCaseRefused, match="unknown_caller"):
            lease(bearer, someone, caller="agent")

    def test_without_the_scope_the_number_is_masked(self, desk: Desk, someone: Placed) -> None:
        bearer = bearer_of(desk, scopes=("lease",))
        (answer,) = lease(bearer, someone)
        assert someone.who.number not in str(answer)
        assert answer["number"].startswith(someone.who.number[:3] + "****")
        assert "number" not in confirmed(bearer, answer["lease"])

    def test_a_person_named_twice_is_leased_once(self, bearer: Bearer, someone: Placed) -> None:
        answers = lease(bearer, someone, someone)
        assert [answers[0]["verdict"], answers[1]["code"]] == ["permit", "named_twice"]
        assert counted(someone) == 1


class TestKeys:
    def test_the_same_key_is_given_the_same_lease(self, bearer: Bearer, someone: Placed) -> None:
        first = lease(bearer, someone, key="again")
        assert lease(bearer, someone, key="again", at=TEN + SECOND) == first
        assert counted(someone) == 1

    def test_at_once_too(self, bearer: Bearer, someone: Placed) -> None:
        done = at_once([lambda: lease(bearer, someone, key="race") for _ in range(4)])
        leases = {one[0]["lease"] for one in done if not isinstance(one, Exception)}
        assert len(leases) == 1
        assert all(isinstance(one, IntegrityError) for one in done if isinstance(one, Exception))
        assert counted(someone) == 1

    def test_a_key_of_another_request_is_refused(self, bearer: Bearer, someone: Placed) -> None:
        lease(bearer, someone, key="mine")
        with pytest.raises(OtherRequest):
            confirm(ConfirmLease(bearer, "1-1", Asked(bearer.token_id, "mine", b"other")), TEN)
