"""人员 over HTTP: who sees whom, what takes a second person, and what an invitation leads to."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from signed import signed_in
from web.book import AT, PASSWORD, Book
from web.members import make_member, with_app
from zhizhi.store.models import Case, SignInWait, Staff, StaffChange
from zhizhi.web.shared import clock

GROUND = "入职手续已核对"
GOOD = "correct horse battery staple 27"


@pytest.fixture(scope="module")
def keepers(book: Book) -> None:
    """An administrator who asks and a head who approves, of every lender, each with an app."""
    for login, role in (("keeper", "administrator"), ("chief", "head"), ("second", "compliance")):
        with_app(make_member(login, role))
        Staff.objects.using("gate").filter(login=login).update(is_synthetic=False)


def ask_new(client: Client, login: str, book: Book, **changes: str) -> int:
    """Ask for a collector; answers the status."""
    said = {
        "login": login,
        "name": "新人",
        "role": "collector",
        "lender": str(book.lender),
        "team": "A",
        "ground": GROUND,
    }
    return int(client.post("/staff/new", said | changes).status_code)


def change_of(login: str) -> tuple[int, int]:
    """The member and the change that waits."""
    member = Staff.objects.using("gate").get(login=login)
    return member.pk, StaffChange.objects.using("gate").get(staff=member, state="asked").pk


def rule(client: Client, login: str, ruling: str = "approve") -> int:
    """The second word."""
    staff_id, change_id = change_of(login)
    said = {"ruling": ruling, "ground": GROUND}
    return int(client.post(f"/staff/{staff_id}/changes/{change_id}", said).status_code)


@pytest.mark.usefixtures("keepers")
def test_somebody_new_takes_two_and_the_invitation_leads_to_the_desk(book: Book) -> None:
    keeper, chief = signed_in("keeper"), signed_in("chief")
    assert ask_new(keeper, "fresh", book) == 302
    assert "待批的人员变动" in chief.get("/staff").content.decode()
    assert rule(keeper, "fresh") == 403
    assert rule(chief, "fresh") == 302
    staff_id = Staff.objects.using("gate").get(login="fresh").pk
    made = keeper.post(f"/staff/{staff_id}/invite").content.decode()
    code = re.search(r'slip-code"><code>([^<]+)<', made)
    assert code is not None
    assert made.count(code[1]) == 2, "as text, and behind # of the link"
    somebody = Client()
    assert somebody.post("/invitation", {"code": "1-wrong"}).status_code == 400
    assert somebody.get("/invitation/password").status_code == 302
    assert somebody.post("/invitation", {"code": code[1]})["Location"] == "/invitation/password"
    assert "fresh" in somebody.get("/invitation/password").content.decode()
    weak = somebody.post("/invitation/password", {"wanted": "password1234", "again": "password1234"})
    assert weak.status_code == 400
    assert "password1234" not in weak.content.decode()
    chosen = somebody.post("/invitation/password", {"wanted": GOOD, "again": GOOD})
    assert chosen["Location"] == reverse("enrol_factor")
    assert somebody.get("/cases").status_code == 302, "nobody is signed in before the second factor"
    assert Client().post("/invitation", {"code": code[1]}).status_code == 400
    assert keeper.post(f"/staff/{staff_id}/invite").status_code == 400, "there is a password"


@pytest.mark.usefixtures("keepers")
def test_a_refused_change_changes_nothing_and_a_ground_is_asked(book: Book) -> None:
    keeper, chief = signed_in("keeper"), signed_in("chief")
    assert ask_new(keeper, "refused", book, ground="x") == 400
    assert ask_new(keeper, "refused", book) == 302
    staff_id, change_id = change_of("refused")
    short = chief.post(f"/staff/{staff_id}/changes/{change_id}", {"ruling": "approve", "ground": "x"})
    assert short.status_code == 400
    assert rule(chief, "refused", "refuse") == 302
    assert not Staff.objects.using("gate").get(pk=staff_id).is_active


@pytest.mark.usefixtures("keepers")
@pytest.mark.parametrize(
    ("login", "status"), [("alice", 403), ("auditor", 200), ("super", 200), ("head", 200), ("keeper", 200)]
)
def test_the_list_is_for_those_who_have_the_right(book: Book, login: str, status: int) -> None:
    assert signed_in(login).get("/staff").status_code == status


@pytest.mark.usefixtures("keepers")
def test_a_keeper_of_one_lender_meets_nobody_elses_members(book: Book) -> None:
    with_app(make_member("own-keeper", "administrator", book.lender))
    client = signed_in("own-keeper")
    shown = client.get("/staff").content.decode()
    assert "alice" in shown
    assert "stranger" not in shown
    stranger = Staff.objects.using("gate").get(login="stranger").pk
    assert client.get(f"/staff/{stranger}").status_code == 404
    for act in ("leave", "password", "invite", "move"):
        assert client.post(f"/staff/{stranger}/{act}", {"ground": GROUND, "role": "head"}).status_code == 404
    assert client.post("/staff", {"member": "stranger"}).content.decode().count("陌生人") == 0


@pytest.mark.usefixtures("keepers")
def test_a_leaver_is_out_with_the_next_click_and_the_cases_go_to_others(book: Book) -> None:
    keeper = signed_in("keeper")
    leaver = make_member("leaver", "collector", book.lender)
    with_app(leaver)
    Case.objects.using("gate").filter(number=book.cases["bobs"]).update(collector_id=leaver)
    client = signed_in("leaver")
    assert client.get("/cases").status_code == 200
    chief = signed_in("chief")
    assert book.cases["bobs"] not in chief.get("/cases?reassign=yes").content.decode()
    assert keeper.post(f"/staff/{leaver}/leave", {"ground": GROUND}).status_code == 302
    assert client.get("/cases").status_code == 302
    tried = Client().post("/sign-in", {"login": "leaver", "password": PASSWORD})
    assert tried.status_code == 400
    assert book.cases["wang"] not in chief.get("/cases?reassign=yes").content.decode()
    moved = Case.objects.using("gate").get(number=book.cases["bobs"])
    assert moved.collector_id != leaver, "whoever left has no case the next second"


@pytest.mark.usefixtures("keepers")
def test_what_changes_staff_asks_for_the_factor_again(book: Book) -> None:
    keeper, chief = signed_in("keeper"), signed_in("chief")
    assert ask_new(keeper, "proof", book) == 302
    staff_id, change_id = change_of("proof")
    clock.install(lambda: AT + timedelta(minutes=11))
    try:
        asked = chief.post(f"/staff/{staff_id}/changes/{change_id}", {"ruling": "approve", "ground": GROUND})
        assert "请再次验证" in asked.content.decode()
        assert StaffChange.objects.using("gate").get(pk=change_id).state == "asked"
        left = keeper.post(f"/staff/{staff_id}/leave", {"ground": GROUND})
        assert "请再次验证" in left.content.decode()
    finally:
        clock.install(lambda: AT)


@pytest.mark.usefixtures("keepers")
def test_filters_and_pages_of_many_members(book: Book) -> None:
    Staff.objects.using("gate").bulk_create(
        Staff(login=f"m{n:04d}", name=f"员工{n}", role="quality", lender_id=book.lender, team="夜班", password="!")
        for n in range(120)
    )
    chief = signed_in("chief")
    page, seen = chief.get("/staff?team=夜班&role=quality").content.decode(), set()
    for _ in range(5):
        seen |= set(re.findall(r">(m\d{4})<", page))
        found = re.search(r'href="\?([^"]*after=[^"]*)"', page)
        if found is None:
            break
        page = chief.get("/staff?" + found[1].replace("&amp;", "&")).content.decode()
    assert len(seen) == 120
    assert "m0007" in chief.post("/staff", {"member": "M0007"}).content.decode()
    assert "m0007" not in chief.get("/staff?state=left").content.decode()
    assert "m0007" in chief.get("/staff?state=not_admitted").content.decode()


def test_guesses_of_codes_are_slowed(book: Book) -> None:
    statuses = [Client().post("/invitation", {"code": "1-aaaaaaaaaaaaaaaaaaaaaaaa"}) for _ in range(45)]
    assert "请等待" in statuses[-1].content.decode()
    SignInWait.objects.using("gate").all().delete()
