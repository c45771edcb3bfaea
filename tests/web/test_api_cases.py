"""The API reads, decides, proposes and writes down what the console does, under the same rights and rows."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError

from apiwork import Client, client_of
from gatework import rows
from web.book import AT, Book
from zhizhi.store.leases.tokens import TokenRefused, load_tokens, revoke_token
from zhizhi.store.models import Agency
from zhizhi.store.viewer import Scope, UnknownViewer, Viewer, reading

LISTS = ("contacts", "permits", "decisions", "statements", "stops", "promises", "payments", "notes")


@pytest.fixture(scope="module")
def system(book: Book) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "API_AT_ONCE", 100_000)
        yield client_of("L1", AT)


def party_of(system: Client, case: str) -> tuple[str, str]:
    """The debtor and their mobile."""
    parties = system.get(f"cases/{case}/parties").document["parties"]
    debtor = parties[0]
    return debtor["party"], next(one["point"] for one in debtor["points"] if one["kind"] == "mobile")


def call_wish(system: Client, case: str, **more: Any) -> dict[str, Any]:
    """A call of alice to the debtor."""
    party, point = party_of(system, case)
    return {"channel": "voice", "party": party, "point": point, "template": "call-plan", "collector": "alice", **more}


class TestReading:
    def test_cases_are_listed_masked_and_page_by_page(self, book: Book, system: Client) -> None:
        whole = system.get("cases").document["rows"]
        assert {row["case"] for row in whole} == {book.cases[who] for who in ("wang", "long", "bobs")}
        assert not {"王小伟", "李四"} & {row["name"] for row in whole}
        paged, cursor = [], ""
        while True:
            page = system.get(f"cases?limit=1{cursor}").document
            paged += page["rows"]
            if page["cursor"] is None:
                break
            cursor = f"&cursor={page['cursor']}"
        assert paged == whole

    def test_a_cursor_of_another_list_or_none_of_ours_is_refused(self, book: Book, system: Client) -> None:
        cursor = system.get("cases?limit=1").document["cursor"]
        for bad in (f"imports?cursor={cursor}", "cases?cursor=x", "cases?cursor=%F0", "cases?limit=0", "cases?limit=x"):
            told = system.get(bad)
            assert (told.status, told.code) == (422, "bad_request"), bad
        assert system.get("cases?limit=1&limit=2").places == ["/query/limit"]
        assert system.get("cases?page=2").places == ["/query/"]

    def test_everything_of_a_case_is_there(self, book: Book, system: Client) -> None:
        case = f"cases/{book.cases['wang']}"
        head = system.get(case).document
        assert (head["case"], head["lender"], head["days_past_due"]) == (book.cases["wang"], "甲消费金融", 47)
        accounts = system.get(f"{case}/accounts").document["accounts"]
        assert accounts[0]["balance_minor"] == 1_248_630
        parties = system.get(f"{case}/parties").document["parties"]
        assert parties[0]["role"] == "debtor"
        assert "王小伟" not in str(parties)
        for name in LISTS:
            assert system.get(f"{case}/{name}").status == 200, name
        assert system.get(f"{case}/contacts").document["rows"]
        assert system.get(f"{case}/payments").document["rows"]

    def test_a_case_is_found_by_what_stands_on_a_letter(self, book: Book, system: Client) -> None:
        case = book.cases["wang"]
        assert system.post("cases/search", {"q": "王小伟"}).document == {"cases": [case]}
        assert system.post("cases/search", {"q": "赵六"}).document == {"cases": []}
        assert system.post("cases/search", {"account": "no-such"}).document == {"cases": []}

    def test_what_another_lender_has_is_not_there(self, book: Book, system: Client) -> None:
        nothing = system.get("cases/C-0000-00000000")
        for path in ("", *(f"/{name}" for name in (*LISTS, "parties", "accounts", "evidence", "evidence/bundle"))):
            assert system.get(f"cases/{book.cases['other']}{path}").document == nothing.document, path
        assert nothing.status == 404


class TestDeciding:
    def test_a_conduct_case_is_decided_as_its_contract_writes_it(self, system: Client) -> None:
        bad = system.post("decide", {"id": "x", "profile": "cn.nowhere"})
        assert bad.status == 422
        assert bad.code.startswith("case.")

    def test_asking_leaves_no_trace(self, book: Book, system: Client) -> None:
        case = book.cases["long"]
        before = rows("SELECT count(*) FROM decision")
        told = system.post(f"cases/{case}/decide", call_wish(system, case))
        assert (told.status, told.document["verdict"]) == (200, "permit")
        assert told.document["document"]["engine"]
        assert rows("SELECT count(*) FROM decision") == before

    def test_a_call_from_its_proposal_to_its_outcome(self, book: Book, system: Client) -> None:
        case = book.cases["wang"]
        wish = call_wish(system, case)
        told = system.post(f"cases/{case}/proposals", wish, "one-call")
        assert (told.status, told.document["verdict"]) == (200, "permit"), told
        assert system.post(f"cases/{case}/proposals", wish, "one-call").document == told.document
        permit = f"cases/{case}/permits/{told.document['permit']}"
        begun = system.post(f"{permit}/start", {"collector": "alice"})
        assert (begun.status, begun.document["is_masked"]) == (200, False), begun
        body = {"collector": "alice", "outcome": "conversation", "talk_seconds": 60, "exchanged": True}
        assert system.post(f"{permit}/outcome", body).document == {"case": case}
        newest = system.get(f"cases/{case}/contacts?limit=1").document["rows"][0]
        assert (newest["outcome"], newest["talk_seconds"]) == ("conversation", 60)
        assert newest["permit"] == told.document["permit"]
        detail = system.get(f"cases/{case}/decisions/{told.document['decision']}").document
        assert (detail["verdict"], detail["is_whole"]) == ("permit", True)

    def test_a_number_in_clear_wants_a_scope_of_its_own(self, book: Book) -> None:
        masked = client_of("L1", AT, scopes=("read", "contact"))
        case = book.cases["long"]
        told = masked.post(f"cases/{case}/proposals", call_wish(masked, case))
        begun = masked.post(f"cases/{case}/permits/{told.document['permit']}/start", {"collector": "alice"})
        assert begun.document["is_masked"]
        assert "****" in begun.document["number"]

    @pytest.mark.parametrize("login", ["nobody", "stranger", "api:L1::s0"])
    def test_a_contact_is_somebodys_of_the_same_house(self, book: Book, system: Client, login: str) -> None:
        case = book.cases["wang"]
        told = system.post(f"cases/{case}/proposals", call_wish(system, case, collector=login))
        assert (told.status, told.places) == (422, ["/collector"])

    def test_and_of_somebody_who_has_the_right_and_the_case(self, book: Book, system: Client) -> None:
        case = book.cases["bobs"]
        for login in ("alice", "auditor"):
            told = system.post(f"cases/{case}/proposals", call_wish(system, case, collector=login))
            assert (told.status, told.code) == (403, "not_allowed"), login

    def test_a_point_of_somebody_else_is_none(self, book: Book, system: Client) -> None:
        party, _ = party_of(system, book.cases["wang"])
        _, point = party_of(system, book.cases["bobs"])
        wish = {**call_wish(system, book.cases["wang"]), "party": party, "point": point}
        assert system.post(f"cases/{book.cases['wang']}/proposals", wish).places == ["/point"]


class TestRecording:
    def test_what_a_person_said_stands_in_the_words_of_the_contract(self, book: Book, system: Client) -> None:
        case = book.cases["bobs"]
        party, point = party_of(system, case)
        body = {"kind": "refuse_point", "by": party, "at": AT.isoformat(), "point": point}
        assert system.post(f"cases/{case}/statements", body).document["stop"] is None
        newest = system.get(f"cases/{case}/statements?limit=1").document["rows"][0]
        assert (newest["kind"], newest["party"], newest["more"]) == ("refuse_point", party, {"point": point})

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"kind": "complain"}, 422),
            ({"kind": 5, "by": "p1"}, 422),
            ({"kind": "complain", "by": "1"}, 422),
            ({"kind": "complain", "by": "p1"}, 409),
            ({"kind": "nonsense", "by": "p1"}, 409),
            ({"kind": "complain", "by": "p1", "at": "soon"}, 422),
        ],
        ids=range(6),
    )
    def test_a_statement_that_is_none_changes_nothing(
        self, book: Book, system: Client, body: dict[str, object], status: int
    ) -> None:
        before = rows("SELECT count(*) FROM statement")
        assert system.post(f"cases/{book.cases['bobs']}/statements", body).status == status
        assert rows("SELECT count(*) FROM statement") == before

    def test_a_complaint_stops_collection(self, book: Book, system: Client) -> None:
        case = book.cases["bobs"]
        party, _ = party_of(system, case)
        assert system.post(f"cases/{case}/complaints", {"by": party}).document["stop"] == "complaint"
        assert system.get(f"cases/{case}").document["stop"] == "complaint"
        assert [row["kind"] for row in system.get(f"cases/{case}/stops").document["rows"]] == ["complaint"]

    def test_a_note_with_a_promise(self, book: Book, system: Client) -> None:
        case, words = book.cases["wang"], system.get("words").document["codes"]
        lists = ("action", "outcome", "next_step")
        code = {name: next(one["code"] for one in words if one["list"] == name) for name in lists}
        body = {**code, "text": "约定分期\n下周再谈", "next_step_at": (AT + timedelta(days=2)).isoformat(),
                "promise": {"amount_minor": 5_000, "due_on": "2026-03-10"}}  # fmt: skip
        assert system.post(f"cases/{case}/notes", body).status == 200
        assert system.get(f"cases/{case}/notes?limit=1").document["rows"][0]["text"] == "约定分期\n下周再谈"
        assert system.get(f"cases/{case}/promises").document["rows"][0]["amount_minor"] == 5_000
        told = system.post(f"cases/{case}/notes", {**body, "text": "回电 13800000000"})
        assert (told.status, told.code, told.places) == (409, "number_in_text", ["/text"])

    def test_money_is_booked_once_for_a_reference_whatever_the_key(self, book: Book, system: Client) -> None:
        case = book.cases["long"]
        debt = system.get(f"cases/{case}/accounts").document["accounts"][0]["debt"]
        body = {"debt": debt, "amount_minor": 700, "paid_on": "2026-03-02", "reference": "R-1"}
        first = system.post(f"cases/{case}/payments", body).document
        assert (first["applied_minor"], first["is_repeated"]) == (700, False)
        assert system.post(f"cases/{case}/payments", body).document["is_repeated"]
        told = system.post(f"cases/{case}/payments", {**body, "amount_minor": 800})
        assert told.status == 409

    def test_money_that_names_nobody_waits_and_is_kept_once_for_a_reference(self, book: Book, system: Client) -> None:
        body = {"source": "payment_link", "reference": "L-1", "amount_minor": 900, "arrived_on": "2026-03-02"}
        first = system.post("remittances", body).document
        assert (first["state"], first["why"], first["is_repeated"]) == ("unmatched", "names_nobody", False)
        again = system.post("remittances", body).document
        assert (again["remittance"], again["is_repeated"]) == (first["remittance"], True)
        assert system.post("remittances", {**body, "amount_minor": 901}).status == 409
        assert system.post("remittances", {**body, "arrived_on": "2027-03-02"}).status in (400, 409, 422)

    def test_a_plan_rests_collection(self, book: Book, system: Client) -> None:
        case = book.cases["long"]
        told = system.post(f"cases/{case}/plans", {"ground": "协商分期还款", "until": "2026-09-01T00:00:00+08:00"})
        assert told.status == 200, told
        assert system.get(f"cases/{case}").document["stop"] == "plan"


class TestKeys:
    def test_the_same_key_writes_once_and_another_request_under_it_is_refused(self, book: Book, system: Client) -> None:
        case = f"cases/{book.cases['bobs']}/stops"
        body = {"kind": "hardship", "ground": "突发疾病"}
        first = system.post(case, body, "stop-1")
        again = system.post(case, body, "stop-1")
        assert first.document == again.document
        told = system.post(case, {**body, "ground": "另一理由"}, "stop-1")
        assert (told.status, told.code) == (422, "idempotency_key_reused")
        assert rows("SELECT count(*) FROM stop WHERE kind = 'hardship'") == [(1,)]

    def test_a_refusal_keeps_no_key(self, book: Book, system: Client) -> None:
        case = f"cases/{book.cases['bobs']}/stops"
        past = {"kind": "hardship", "ground": "突发疾病", "until": "2020-01-01T00:00:00+08:00"}
        assert system.post(case, past, "stop-2").status == 409
        assert system.post(case, {**past, "until": "2026-05-01T00:00:00+08:00"}, "stop-2").status == 200

    def test_nothing_is_written_where_the_answer_cannot_be_kept(
        self, book: Book, system: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise RuntimeError("the disk is full")

        before = rows("SELECT count(*) FROM stop"), rows("SELECT count(*) FROM leaf")
        with monkeypatch.context() as patch:
            patch.setattr("zhizhi.store.api.once.kept_answer", fails)
            told = system.post(f"cases/{book.cases['bobs']}/stops", {"kind": "hardship", "ground": "突发疾病"})
        assert told.status == 500
        assert (rows("SELECT count(*) FROM stop"), rows("SELECT count(*) FROM leaf")) == before


def test_who_asks_about_a_person_is_kept_as_evidence(book: Book) -> None:
    system = client_of("L1", AT)
    assert system.get(f"cases/{book.cases['long']}").status == 200
    assert system.get(f"cases/{book.cases['other']}").status == 404
    assert system.get(f"cases/{book.cases['long']}/parties").status == 200
    account = "SELECT max(staff_id) FROM token_account"
    found = rows(f"SELECT person_id, role, ground FROM person_view WHERE staff_id = ({account})")
    assert found == [(book.persons["long"], "service_account", "system")]


class TestTokens:
    def test_a_service_account_has_no_session_and_is_nobody_once_its_tokens_are_revoked(self, book: Book) -> None:
        system = client_of("L1", AT, name="core")
        token = load_tokens()[0].id
        ((staff, password),) = rows(
            "SELECT s.id, s.password FROM staff s JOIN token_account a ON a.staff_id = s.id WHERE a.token_id = %s",
            token,
        )
        assert password.startswith("!")
        second = client_of("L1", AT, name="core")
        assert rows("SELECT count(*) FROM token_account WHERE staff_id = %s", staff) == [(2,)]
        viewer = Viewer(staff, Scope.LENDER, None, None)
        with pytest.raises(DatabaseError, match="never signs in"):
            rows("INSERT INTO staff_session (staff_id) VALUES (%s) RETURNING 1", staff)
        revoke_token(token, AT)
        assert system.get("cases").status == 401
        assert second.get("cases").status == 200
        revoke_token(load_tokens()[0].id, AT)
        with pytest.raises(UnknownViewer), reading(viewer):
            raise AssertionError("nobody looks")

    @pytest.mark.parametrize("scope", ["payment", "import", "import.rows"])
    def test_an_agencys_token_is_not_made_for_what_is_the_lenders(self, book: Book, scope: str) -> None:
        Agency.objects.using("gate").get_or_create(code="A9", defaults={"name": "外包"})
        before = rows("SELECT count(*) FROM api_token")
        with pytest.raises(TokenRefused) as refused:
            client_of("L1", AT, "A9", ("read", scope))
        assert refused.value.code == "scope_of_lender"
        assert rows("SELECT count(*) FROM api_token") == before

    def test_too_many_requests_wait(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings, "API_PER_MINUTE", 6)
        monkeypatch.setattr(settings, "API_AT_ONCE", 3)
        system = client_of("L1", AT)
        told = [system.get("cases") for _ in range(5)]
        assert [one.status for one in told] == [200, 200, 200, 429, 429]
        assert 1 <= int(told[-1].headers["Retry-After"]) <= 10
        assert client_of("L1", AT).get("cases").status == 200
