"""Today, imports, the law browser and the pages of errors."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, RequestFactory

from web.book import AT, Book
from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import TableOptions
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.store import keyring
from zhizhi.store.contacts.reads import DayCount
from zhizhi.store.imports.rows import Refusal, keep_refused
from zhizhi.store.models import ImportedFile
from zhizhi.store.packs import list_packs
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.web.console.screens.errors import failed
from zhizhi.web.console.screens.today import channel_lines, refused_rules

Desk = Callable[[str], Client]
MAP = """[file]
kind = "payments"
lender = "{lender}"
unit = "yuan"

[columns]
account = "账号"
reference = "流水"
amount = "金额"
paid_on = "日期"
"""


def test_before_the_first_run_today_says_so(book: Book, desk: Desk) -> None:
    assert "这一天还没有运行" in desk("super").get("/").content.decode()


def test_today_counts_what_ran_and_the_counts_add_up(book: Book, desk: Desk) -> None:
    morning = AT.replace(hour=0)
    run_day(RunDay(book.lender, morning.date(), "declared"), morning, lambda at: None, lambda *_: None)
    page = desk("super").get("/").content.decode()
    assert "甲消费金融" in page
    assert "相符" in page
    assert "不相符" not in page
    assert 'data-chart="#refused-table"' in page or "这一天没有拒绝" in page


def test_a_day_of_the_past_or_nonsense_in_its_place_is_a_page(book: Book, desk: Desk) -> None:
    supervisor = desk("super")
    assert "这一天还没有运行" in supervisor.get("/?on=2025-01-01").content.decode()
    assert supervisor.get("/?on=yesterday").status_code == 200


def test_rules_and_channels_are_counted_from_the_same_rows() -> None:
    nothing = Text("", "")
    counts = [
        DayCount("sms", "forbid", "p/a/x", "A", nothing, "", 3),
        DayCount("voice", "forbid", "p/a/x", "A", nothing, "", 2),
        DayCount("sms", "hold", "p/b/y", "B", nothing, "", 1),
        DayCount("sms", "permit", "", "", nothing, "delivered", 4),
        DayCount("sms", "permit", "", "", nothing, "claimed", 1),
        DayCount("voice", "permit", "", "", nothing, "permit_used", 5),
    ]
    assert [(rule.rule, rule.count, rule.pack) for rule in refused_rules(counts)] == [
        ("p/a/x", 5, "p"),
        ("p/b/y", 1, "p"),
    ]
    sms, voice = channel_lines(counts)
    assert (sms.refused, sms.held, sms.permitted, sms.left) == (3, 1, 5, (4, 0, 1, 0, 0, 0))
    assert (voice.refused, voice.permitted, voice.left) == (2, 5, (0, 0, 0, 0, 0, 5))


def upload(name: str, body: bytes, map_body: str = MAP, lender: str = "L1") -> dict[str, SimpleUploadedFile]:
    """The fields of the upload form."""
    return {
        "file": SimpleUploadedFile(name, body),
        "map": SimpleUploadedFile("map.toml", map_body.replace("{lender}", lender).encode()),
    }


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (upload("还款.csv", b"x", '[file]\nkind = "payments"\n[columns]\nnonsense = "A"\n'), "map.toml"),
        (upload("还款.csv", b"x", lender="L2"), "不是您的机构"),
        (upload("还款.pdf", b"x"), "只接受 CSV"),
        ({"file": SimpleUploadedFile("还款.csv", b"x")}, "这个字段是必填项"),
        ({**upload("还款.csv", b"x"), "map": SimpleUploadedFile("map.toml", b"\xff\xfe")}, "UTF-8"),
    ],
)
def test_an_upload_that_cannot_be_worked_is_refused_at_once(
    book: Book, desk: Desk, form: dict[str, SimpleUploadedFile], said: str
) -> None:
    for brought in form.values():
        brought.seek(0)
    answer = desk("super").post("/imports", form)
    assert answer.status_code == 400
    assert said in answer.content.decode()


@pytest.mark.parametrize("role", ["alice", "auditor"])
def test_only_those_who_import_may_upload(book: Book, desk: Desk, role: str) -> None:
    answer = desk(role).post("/imports", upload("book.csv", b"x"))
    assert answer.status_code in (200, 403)
    assert not ImportedFile.objects.using("gate").exists()


def test_a_refused_row_is_read_taken_away_and_comes_back_as_it_was(book: Book, desk: Desk, tmp_path: Path) -> None:
    file = ImportedFile.objects.using("gate").create(
        lender_id=book.lender, kind="accounts", name="账本.csv", digest="d", map_digest="m", state="finished",
        header=["客户号", "欠款"], refused=1, rows_total=1, started_at=AT, finished_at=AT + timedelta(minutes=1),
    )  # fmt: skip
    keep_refused(file.pk, [Refusal(2, "欠款", "bad_amount", Text("欠款不是金额", "no amount"), ["K1", "=一百"])], AT)
    supervisor = desk("super")
    listed = supervisor.get("/imports").content.decode()
    assert "账本.csv" in listed
    assert '<span class="tag tag-wait">全部未通过</span>' in listed, "no green word for a file of which nothing came in"
    assert "欠款不是金额" in supervisor.get(f"/imports/{file.pk}").content.decode()
    said = {"of": str(file.pk), "recipient": "陈主管", "ground": "补正后重新导入"}
    sheet = supervisor.post("/exports/new/refused_rows", said).content
    kept = tmp_path / "refused.csv"
    kept.write_bytes(sheet)
    with open_table(kept, TableOptions()) as table:
        (row,) = [tuple(row) for chunk in table.chunks() for row in chunk.rows]
        assert table.columns[:3] == ("zhizhi_row", "客户号", "欠款")
    assert row[:5] == ("2", "K1", "=一百", "欠款", "欠款不是金额")
    assert b"'=" in sheet  # no cell begins a formula in a spreadsheet
    assert desk("stranger").get(f"/imports/{file.pk}").status_code in (403, 404)
    part = supervisor.get(f"/imports/{file.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" not in part  # a finished import is not asked for again


def test_an_upload_waits_is_worked_by_the_job_and_says_what_came_of_it(book: Book, desk: Desk) -> None:
    supervisor = desk("super")
    rows = "账号,流水,金额,日期\nA-none,R1,10.00,2026-03-01\n".encode()
    answer = supervisor.post("/imports", upload("还款.csv", rows))
    assert answer.status_code == 302, answer.content.decode()
    waiting = supervisor.get(answer["Location"]).content.decode()
    assert "已排队" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert desk("stranger").get(answer["Location"]).status_code in (403, 404)
    assert work_waiting_import(Path(os.environ["ZHIZHI_STATE"]) / "uploads", AT)
    done = supervisor.get(answer["Location"]).content.decode()
    assert "全部未通过" in done
    assert "未通过的行" in done
    assert f"/imports?resend={answer['Location'].rpartition('/')[2]}" in done


def test_the_law_is_browsed_from_pack_to_case(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    assert "cn.gbt45251" in alice.get("/rules").content.decode()
    page = alice.get("/rules/cn.gbt45251?rule=cn.gbt45251/5.3.2.2.2/valid-calls-per-day").content.decode()
    assert "valid_calls_per_day" in page
    assert "案例" in page
    assert "22:00" in alice.get("/rules?q=22:00").content.decode()
    assert alice.get("/rules/no.such.pack").status_code == 404


def test_every_rule_of_every_pack_has_its_place_in_the_browser(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    for pack in list_packs():
        for rule in pack.rules[:: max(1, len(pack.rules) // 5)]:
            assert rule.id in alice.get(f"/rules/{pack.id}", {"rule": rule.id}).content.decode()


def test_errors_speak_both_languages_and_say_nothing_of_the_inside(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    for path, status in (("/nowhere", 404), ("/holds", 403)):
        answer = alice.get(path)
        page = answer.content.decode()
        assert answer.status_code == status
        assert "回到首页" in page
        assert "Home" in page
        assert "Traceback" not in page
    assert alice.post("/").status_code == 405


def test_a_fault_of_the_program_is_a_page_that_promises_nothing_left(book: Book, desk: Desk) -> None:
    answer = failed(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "没有联系任何人" in answer.content.decode()


def test_a_database_that_is_away_is_said_plainly(book: Book, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk("super")
    client.raise_request_exception = False
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
    answer = client.get("/")
    connections["default"].close()
    assert answer.status_code == 503
    assert "数据库暂时连不上" in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_key_service_that_is_away_is_said_plainly(book: Book, desk: Desk, method: str) -> None:
    class Away:
        def __getattr__(self, name: str) -> object:
            raise KeyUnavailable(name)

    client, case, service = desk("super"), book.cases["long"], keyring.service()
    client.raise_request_exception = False
    keyring.install(Away())  # type: ignore[arg-type]  # it answers nothing at all
    try:
        answer = getattr(client, method)(f"/cases/{case}/said/refuse", {})
    finally:
        keyring.install(service)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "密钥服务暂时不可用" in page
    assert "The key service is away" in page
    assert "Traceback" not in page
    assert client.get(f"/cases/{case}/said/refuse").status_code == 200


def test_own_files_of_the_console_are_few(book: Book) -> None:
    own = Path(__file__).parents[2] / "src" / "zhizhi" / "web" / "console" / "static" / "console"
    assert sorted(path.name for path in own.iterdir()) == [
        "console.css",
        "console.js",
        "figures.css",
        "mark.svg",
        "passkey.js",
    ]
