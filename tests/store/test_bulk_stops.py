"""A bulk stop binds everybody whom it means from its second on, wherever a contact waits, and ends by itself."""

from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows
from leasework import KEYS, NUMBERS, Desk, bearer_of, make_desk, place, wanted
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.conduct.words import PURPOSES
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.divisions import may_lie_in
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.bulk_stops.keeping import NewBulkStop, give_back_stopped, keep_bulk_stop
from zhizhi.store.bulk_stops.reads import load_announced, load_bulk_stops
from zhizhi.store.bulk_stops.standing import is_stopped_in_bulk
from zhizhi.store.bulk_stops.words import SPARED
from zhizhi.store.evidence.log import open_log
from zhizhi.store.leases.answers import Asked
from zhizhi.store.lenders.models import Lender
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import Case, Debt
from zhizhi.store.transact.claims import claim
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.bulk_stops.setting import (
    LASTS_AT_MOST,
    LiftBulkStop,
    RecordResidence,
    SetBulkStop,
    ask_to_lift,
    preview_bulk_stop,
    record_residence,
    set_bulk_stop,
)
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.lease import lease_permits
from zhizhi.usecases.lease_confirm import ConfirmLease, confirm
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import StartCall, start_call

pytestmark = pytest.mark.usefixtures("store")
CODES = iter(range(1, 100))
MAP = Path(__file__).resolve().parents[2] / "src/zhizhi/usecases/intake/maps/residences.toml"
WHY = "台风登陆，当地停电停网"
HOUR = timedelta(hours=1)


@pytest.fixture
def lender(store: str) -> Lender:
    cancel_expired(TEN + timedelta(days=300))
    return make_lender(f"B{next(CODES)}")


@pytest.fixture
def by(lender: Lender) -> int:
    return int(make_staff(f"supervisor-{lender.code}", "supervisor", lender, 50).pk)


def borrower(lender: Lender, division: str | None = None, by: int = 0) -> Borrower:
    who = make_borrower(lender, next(NUMBERS))
    if division is not None:
        record_residence(RecordResidence(who.person, division, by), TEN - MINUTE)
    return who


def wish(lender_id: int | None, by: int, **said: object) -> SetBulkStop:
    usual: dict[str, object] = {
        "lender_id": lender_id, "agency_id": None, "product": "", "channel": "", "areas": (), "from_at": None,
        "until_at": TEN + HOUR, "reason": "typhoon", "ground": WHY, "by": by,
    }  # fmt: skip
    return SetBulkStop(**{**usual, **said})  # type: ignore[arg-type]  # names of its fields


def stop(lender: Lender, by: int, at: datetime = TEN, **said: object) -> int:
    return set_bulk_stop(wish(lender.pk, by, **said), at)


def refused(who: Borrower, by: int, at: datetime = TEN) -> str:
    with pytest.raises(UseCaseRefused) as why:
        propose_sms(who, by, at)
    assert why.value.code == "bulk_stop"
    return why.value.text.zh


def permitted(who: Borrower, by: int, at: datetime = TEN) -> bool:
    return propose_sms(who, by, at).permit_id is not None


def drained(channel: ToldChannel, at: datetime = TEN) -> list[int]:
    Outbox({"sink": {"sms": channel}}, "test", monotonic=lambda: 0.0).drain(at)
    return [grant.person_id for grant in channel.sent]


def ends(who: Borrower) -> list[tuple[object, ...]]:
    return rows(
        "SELECT d.state, d.failure, m.state FROM delivery d JOIN permit m ON m.id = d.permit_id WHERE d.person_id = %s",
        who.person,
    )


def test_nobody_whom_it_means_is_dunned_and_the_refusal_cites_it_until_it_ends_by_itself(
    lender: Lender, by: int
) -> None:
    who = borrower(lender)
    number = stop(lender, by)
    told = refused(who, by)
    for words in (f"#{number}", "台风", WHY, "03-02 11:00", "A-19"):
        assert words in told
    refused(who, by, TEN + HOUR - timedelta(seconds=1))
    assert permitted(who, by, TEN + HOUR)


def test_a_system_failure_rests_on_a_house_rule_alone(lender: Lender, by: int) -> None:
    stop(lender, by, reason="system_failure", ground="核心系统余额有误")
    told = refused(borrower(lender), by)
    assert "内部规则" in told
    assert "A-19" not in told


def test_one_to_come_binds_from_its_begin(lender: Lender, by: int) -> None:
    who, later = borrower(lender), borrower(lender)
    stop(lender, by, from_at=TEN + MINUTE)
    assert permitted(who, by)
    refused(later, by, TEN + MINUTE)
    assert drained(ToldChannel(), TEN + MINUTE) == [], "permitted before, and due after its begin"


def test_what_waits_is_given_back_for_those_whom_it_means_alone(lender: Lender, by: int) -> None:
    other = make_lender(f"B{next(CODES)}")
    elsewhere = int(make_staff(f"supervisor-{other.code}", "supervisor", other, 50).pk)
    who, spared = borrower(lender), borrower(other)
    assert permitted(who, by)
    assert permitted(spared, elsewhere)
    stop(lender, by)
    assert ends(who) == [("cancelled", "bulk_stop", "released")]
    assert drained(ToldChannel()) == [spared.person]


def test_from_the_commit_on_nothing_is_claimed_though_its_rows_still_wait(lender: Lender, by: int) -> None:
    who = borrower(lender)
    assert permitted(who, by)
    new = NewBulkStop(lender.pk, None, "", "", (), TEN, TEN + HOUR, "typhoon", WHY)
    keep_bulk_stop(new, TEN, by)
    assert ends(who)[0][0] == "waiting"
    assert claim(["sink"], TEN, "test") == ([], [])
    assert give_back_stopped(TEN, lambda: None, limit=1) == 1


def test_what_a_worker_holds_and_has_not_begun_never_leaves(lender: Lender, by: int) -> None:
    first, second = sorted((borrower(lender), borrower(lender)), key=lambda who: who.person)
    assert permitted(first, by)
    assert permitted(second, by)

    def answer(grant: PermitGrant) -> SendOutcome:
        stop(lender, by)
        return Sent(f"m-{grant.permit_id}")

    assert drained(ToldChannel(answer=answer)) == [first.person]
    assert ends(second) == [("failed", "bulk_stop", "released")]


def test_a_call_that_waits_for_its_click_is_not_begun(lender: Lender, by: int) -> None:
    who = borrower(lender)
    permit = propose_call(who, by, TEN).permit_id
    assert permit is not None
    new = NewBulkStop(lender.pk, None, "", "voice", (), TEN, TEN + HOUR, "other", WHY)
    keep_bulk_stop(new, TEN, by)
    with pytest.raises(UseCaseRefused, match="permit_over"):
        start_call(StartCall(who.person, permit, by), TEN)


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    return make_desk()


@pytest.fixture(scope="module")
def setter(desk: Desk) -> int:
    return int(make_staff("supervisor-lease", "supervisor", desk.lender, 50).pk)


class TestLeases:
    def test_what_another_system_leased_does_not_ring_and_nothing_more_is_leased(self, desk: Desk, setter: int) -> None:
        bearer, placed = bearer_of(desk), place(desk)
        (leased,) = lease_permits(wanted(bearer, placed), TEN)["leases"]
        assert leased["verdict"] == "permit", leased
        set_bulk_stop(wish(desk.lender.pk, setter, until_at=TEN + 5 * MINUTE, product="instalment_loan"), TEN)
        asked = Asked(bearer.token_id, next(KEYS), b"c")
        told = confirm(ConfirmLease(bearer, leased["lease"], asked), TEN + timedelta(seconds=1))
        assert (told["valid"], told["code"]) == (False, "bulk_stop")
        assert "number" not in told
        (again,) = lease_permits(wanted(bearer, place(desk)), TEN)["leases"]
        assert (again["verdict"], again["code"]) == ("refused", "bulk_stop")

    def test_an_agency_alone_may_be_meant(self, desk: Desk, setter: int) -> None:
        ours, theirs = place(desk).who, place(desk, at_agency=True).who
        until = TEN + 3 * HOUR
        at = TEN + 2 * HOUR
        set_bulk_stop(wish(desk.lender.pk, setter, agency_id=desk.agency.pk, from_at=at, until_at=until), TEN)
        assert permitted(ours, setter, at)
        refused(theirs, setter, at)


@pytest.mark.parametrize(
    ("said", "is_meant"),
    [
        ({"product": "credit_card"}, False),
        ({"product": "instalment_loan"}, True),
        ({"channel": "voice"}, False),
        ({"channel": "sms"}, True),
    ],
)
def test_a_product_or_a_channel_alone_may_be_meant(
    lender: Lender, by: int, said: dict[str, object], is_meant: bool
) -> None:
    who = borrower(lender)
    stop(lender, by, **said)
    assert bool(refused(who, by)) if is_meant else permitted(who, by)


def test_any_unsettled_debt_of_the_product_counts(lender: Lender, by: int) -> None:
    who = borrower(lender)
    stop(lender, by, product="instalment_loan")
    Debt.objects.using("gate").filter(person_id=who.person).update(state="not_due")
    assert is_stopped_in_bulk(who.person, "sms", "collect", TEN)
    Debt.objects.using("gate").filter(person_id=who.person).update(state="settled")
    assert not is_stopped_in_bulk(who.person, "sms", "collect", TEN)


class TestAreas:
    def test_who_lives_elsewhere_goes_on_and_who_is_nowhere_recorded_is_stopped(self, lender: Lender, by: int) -> None:
        within, elsewhere, around, unknown = (
            borrower(lender, division, by) for division in ("410102", "金华市", "河南省", None)
        )
        told = preview_bulk_stop(wish(lender.pk, by, areas=("郑州市",)), TEN)
        assert (told.persons, told.unplaced) == (0, 0), "nobody has an open case"
        stop(lender, by, areas=("郑州市",))
        for who in (within, around, unknown):
            assert "河南省郑州市" in refused(who, by)
        assert permitted(elsewhere, by)

    def test_the_latest_residence_counts(self, lender: Lender, by: int) -> None:
        who = borrower(lender, "郑州市", by)
        stop(lender, by, areas=("郑州市",))
        refused(who, by)
        record_residence(RecordResidence(who.person, "金华市", by), TEN)
        assert permitted(who, by)

    def test_the_database_means_the_same_persons_as_core(self, lender: Lender, by: int) -> None:
        divisions = ("410000", "410100", "410102", "330100", "371000", "370000", "110101")
        homes = {borrower(lender, one, by).person: one for one in divisions}
        nowhere = borrower(lender).person
        asked = "SELECT person_id, is_placed FROM zhizhi_bulk_persons(%s, NULL, '', %s::jsonb)"
        for areas in [[], *([one] for one in divisions), ["410102", "370000"], ["500000"]]:
            written = str(areas).replace("'", '"')
            meant = dict(rows(asked, lender.pk, written))
            assert {person for person, home in homes.items() if may_lie_in(home, areas)} | {nowhere} == set(meant)
            assert not meant[nowhere]

    def test_a_file_brings_residences_and_the_latest_counts(self, lender: Lender, by: int, tmp_path: Path) -> None:
        who, number = make_borrower(lender, 9_001), "C9001"
        at = iter(TEN + n * MINUTE for n in range(9))

        def brought(*divisions: str) -> tuple[int, int, int]:
            path = tmp_path / "residences.csv"
            lines = "".join(f"{lender.code},{number},{one}\n" for one in divisions)
            path.write_text(f"lender_code,customer_number,division\n{lines}", encoding="utf-8")
            with open_table(path) as table:
                book_map = read_map(MAP.read_text(encoding="utf-8"))
                counts = import_file(ImportFile(path.name, book_map, TEN.date()), table, at=next(at)).counts
            return counts.new, counts.unchanged, counts.refused

        stop(lender, by, areas=("温州市",))
        assert brought("浙江省杭州市") == (1, 0, 0)
        assert permitted(who, by)
        assert brought("330100") == (0, 1, 0)
        assert brought("温州市") == (1, 0, 0)
        refused(who, by)
        assert brought("鼓楼区", "无此地") == (0, 0, 2)

    def test_where_somebody_lives_takes_the_right_and_a_division(self, lender: Lender, by: int) -> None:
        who = borrower(lender)
        auditor = int(make_staff(f"auditor-{lender.code}", "auditor", lender).pk)
        with pytest.raises(NotAllowed):
            record_residence(RecordResidence(who.person, "郑州市", auditor), TEN)
        with pytest.raises(UseCaseRefused, match="no_division"):
            record_residence(RecordResidence(who.person, "某市", by), TEN)


def test_what_is_no_dunning_is_spared_in_core_and_database_alike(lender: Lender, by: int) -> None:
    who = borrower(lender)
    stop(lender, by)
    spared = {one for one in PURPOSES if not is_stopped_in_bulk(who.person, "sms", one, TEN)}
    assert spared == set(SPARED)


def test_the_preview_counts_persons_queues_leases_and_calls(lender: Lender, by: int) -> None:
    first, second, third = borrower(lender), borrower(lender), borrower(lender, "金华市", by)
    for n, who in enumerate((first, second, third)):
        Case.objects.using("gate").create(
            person_id=who.person, id=who.debt + 7, number=f"P-{who.person}", lender_id=lender.pk, stage="early",
            days_past_due=12, balance_minor=n, product="instalment_loan", masked=b"", opened_on=TEN.date(),
            aged_on=TEN.date(),
        )  # fmt: skip
    assert permitted(first, by)
    permit = propose_call(second, by, TEN).permit_id
    assert permit is not None
    start_call(StartCall(second.person, permit, by), TEN)
    told = preview_bulk_stop(wish(lender.pk, by, areas=("郑州市",)), TEN)
    assert (told.persons, told.unplaced, told.waiting, told.in_hand, told.talking, told.leased) == (2, 2, 1, 0, 1, 0)
    everywhere = preview_bulk_stop(wish(lender.pk, by), TEN)
    assert (everywhere.persons, everywhere.unplaced) == (3, 0)
    assert preview_bulk_stop(wish(lender.pk, by, channel="voice"), TEN).waiting == 0
    assert ends(first)[0][0] == "waiting", "a look changes nothing"


class TestSettingAndLifting:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"until_at": TEN}, "until_at"),
            ({"until_at": TEN + LASTS_AT_MOST + MINUTE}, "until_at"),
            ({"from_at": TEN - MINUTE}, "from_at"),
            ({"from_at": TEN + timedelta(days=60), "until_at": TEN + timedelta(days=61)}, "from_at"),
            ({"reason": "tired"}, "reason"),
            ({"channel": "pigeon"}, "channel"),
            ({"areas": ("某市",)}, "areas"),
            ({"ground": "风"}, "ground"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field(
        self, lender: Lender, by: int, said: dict[str, object], field: str
    ) -> None:
        with pytest.raises(UseCaseRefused) as why:
            stop(lender, by, **said)
        assert why.value.field == field

    def test_it_takes_the_right_and_every_lender_takes_somebody_of_none(self, lender: Lender, by: int) -> None:
        collector = int(make_staff(f"collector-{lender.code}", "collector", lender, 50).pk)
        for lender_id, who in ((lender.pk, collector), (None, by)):
            with pytest.raises(NotAllowed):
                set_bulk_stop(wish(lender_id, who), TEN)
        group = int(make_staff(f"group-{lender.code}", "head").pk)
        at = TEN + timedelta(days=20)
        set_bulk_stop(wish(None, group, until_at=at + HOUR), at)
        refused(borrower(lender), by, at)

    def test_one_person_alone_does_not_lift_it_and_two_do_at_once(self, lender: Lender, by: int) -> None:
        who, head = borrower(lender), int(make_staff(f"head-{lender.code}", "head", lender).pk)
        number = stop(lender, by)
        request = ask_to_lift(LiftBulkStop(number, lender.pk, "台风已过境", by), TEN)
        digest = rows("SELECT digest FROM approval WHERE id = %s", request)[0][0]
        with pytest.raises(NotAllowed):
            rule(Rule(request, digest, True, by), TEN)
        refused(who, by)
        rule(Rule(request, digest, True, head), TEN)
        assert permitted(who, by)
        again = ask_to_lift(LiftBulkStop(number, lender.pk, "台风已过境", by), TEN)
        digest = rows("SELECT digest FROM approval WHERE id = %s", again)[0][0]
        with pytest.raises(Refused, match="stop_over"):
            rule(Rule(again, digest, True, head), TEN)

    def test_the_database_lets_no_code_change_end_or_lift_it(self, lender: Lender, by: int, store: str) -> None:
        number = stop(lender, by)
        lifted = (
            "UPDATE bulk_stop SET lifted_at = %s, lifted_by_id = %s, lifted_ground = 'x', approval_id = %s"
            " WHERE id = %s"
        )
        with psycopg.connect(store, user=GATE_LOGIN) as gate:
            other = rows("SELECT max(id) FROM approval")[0][0]
            assert refused_by_database(gate, lifted, TEN, by, other, number) == "RestrictViolation"
            sooner = "UPDATE bulk_stop SET until_at = until_at - interval '30 minutes' WHERE id = %s"
            assert refused_by_database(gate, sooner, number) == "InsufficientPrivilege"
            assert refused_by_database(gate, "DELETE FROM bulk_stop WHERE id = %s", number) == "InsufficientPrivilege"

    def test_it_stands_on_the_list_and_above_the_worklist_for_those_of_its_house(self, lender: Lender, by: int) -> None:
        coming = stop(lender, by, from_at=TEN + 2 * HOUR, until_at=TEN + 3 * HOUR, areas=("410100",))
        far = stop(lender, by, from_at=TEN + timedelta(days=3), until_at=TEN + timedelta(days=4))
        own, other = Viewer(by, Scope.LENDER, lender.pk, None), make_lender(f"B{next(CODES)}")
        stranger = int(make_staff(f"stranger-{other.code}", "supervisor", other).pk)
        with reading(own):
            (row,) = load_bulk_stops(coming)
            assert {one.id for one in load_announced(TEN)} == {coming}
        assert (row.state(TEN), row.state(TEN + 2 * HOUR), row.state(TEN + 3 * HOUR)) == ("coming", "standing", "over")
        assert (row.areas, row.reason, row.counts["persons"]) == (("410100",), "typhoon", 0)
        with reading(Viewer(stranger, Scope.LENDER, other.pk, None)):
            assert load_bulk_stops(coming) == load_bulk_stops(far) == []


def test_the_log_holds_each_stop_lift_and_residence_as_its_row_says(lender: Lender, by: int) -> None:
    borrower(lender, "郑州市", by)
    stop(lender, by, areas=("郑州市", "370000"))
    sequence_all(TEN + MINUTE)
    asked = "SELECT DISTINCT source_table FROM leaf WHERE source_table IN ('bulk_stop', 'residence') ORDER BY 1"
    assert rows(asked) == [("bulk_stop",), ("residence",)]
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []
