"""The page that audits a contact log: who may bring one, what a mistake says, what comes out, what is kept of it."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from web.book import AT, Book
from zhizhi.core.evidence.bundle_archive import read_archive
from zhizhi.jobs.audits import work_waiting_audit
from zhizhi.store.audits.runs import erase_audits
from zhizhi.store.imports.uploads import upload_path
from zhizhi.store.models import AuditRun
from zhizhi.usecases.ask_audit import log_path

Desk = Callable[[str], Client]
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit"


def brought(name: str, octets: bytes | None = None) -> io.BytesIO:
    held = io.BytesIO((EXAMPLES / name).read_bytes() if octets is None else octets)
    held.name = name
    return held


def form(**changes: object) -> dict[str, object]:
    sent: dict[str, object] = {"profile": "cn.bank.online", "reading": "strict", "log": brought("calls.csv")}
    return sent | {"map": brought("calls.toml")} | changes


def work() -> bool:
    return work_waiting_audit(upload_path(0).parent, AT + timedelta(days=10))


def audited(client: Client, **changes: object) -> str:
    """Bring the worked example, let the job work; answers the address of the run."""
    answer = client.post("/audits", form(**changes))
    assert answer.status_code == 302, answer.content.decode()
    assert "已排队" in client.get(answer["Location"]).content.decode()
    assert work()
    return str(answer["Location"])


def test_a_log_is_brought_judged_and_its_findings_shown(book: Book, desk: Desk) -> None:
    client = desk("head")
    address = audited(client)
    shown = client.get(address).content.decode()
    assert "22:00 至次日 08:00" in shown
    assert "今日有效通话已达 3/3 次" in shown
    assert "计入的行 2 3 4" in shown
    run = AuditRun.objects.using("gate").latest("pk")
    assert run.summary["counts"]["broke"] == 7
    assert run.summary["counts"]["rejected"] == 1


def test_findings_are_narrowed_by_rule_hour_and_agency(book: Book, desk: Desk) -> None:
    client = desk("head")
    address = audited(client)
    narrowed = client.get(address + "?hour=22").content.decode()
    assert "2026-03-02 22:31:00" in narrowed
    assert "2026-03-03 10:20:00" not in narrowed
    assert "没有符合条件的明细" in client.get(address + "?agency=nobody").content.decode()


def taken(client: Client, kind: str, run_id: int) -> HttpResponse:
    """The file, as somebody takes it alone."""
    answer: HttpResponse = client.post(
        f"/exports/new/{kind}", {"of": str(run_id), "recipient": "孙负责人", "ground": "内部复核"}
    )
    assert answer.status_code == 200, answer.content.decode()
    return answer


def test_no_number_or_customer_of_the_log_is_kept_or_shown(book: Book, desk: Desk) -> None:
    client = desk("head")
    address = audited(client)
    run = AuditRun.objects.using("gate").latest("pk")
    csv = taken(client, "audit_findings", run.pk).content.decode("utf-8-sig")
    paper = dict(read_archive(taken(client, "audit_paper", run.pk).content))[f"audit-{run.pk}.pdf"]
    for secret in ("10900000001", "C1001"):
        assert secret not in client.get(address).content.decode()
        assert secret not in csv
        assert secret not in str(run.summary)
        assert secret.encode() not in bytes(run.findings)
    assert not log_path(run.pk).exists()
    assert paper.startswith(b"%PDF")


def test_without_a_map_one_is_proposed_to_be_read(book: Book, desk: Desk) -> None:
    client = desk("head")
    sent = form()
    del sent["map"]
    address = client.post("/audits", sent)["Location"]
    assert work()
    shown = client.get(address).content.decode()
    assert "请核对下面推测的映射" in shown
    assert "呼叫开始时间" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"map": brought("m.toml", b"[log]\n")}, "缺少 [columns]"),
        ({"log": brought("log.exe", b"MZ")}, "只接受 CSV"),
        ({"facts": brought("facts.json", b"{")}, "附表不是 JSON"),
        ({"facts": brought("facts.json", b'{"moods": []}')}, "须为对象"),
        ({"profile": "mars"}, "选择"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_queued(
    book: Book, desk: Desk, changes: dict[str, object], said: str
) -> None:
    before = AuditRun.objects.using("gate").filter(state="waiting").count()
    answer = desk("head").post("/audits", form(**changes))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert AuditRun.objects.using("gate").filter(state="waiting").count() == before


def test_a_log_that_lacks_a_column_of_the_map_says_so(book: Book, desk: Desk) -> None:
    client = desk("head")
    address = client.post("/audits", form(log=brought("calls.csv", b"a,b\n1,2\n")))["Location"]
    assert work()
    assert "文件缺少映射中的列" in client.get(address).content.decode()


def test_what_was_found_is_erased_after_thirty_days_and_that_it_was_made_stays(book: Book, desk: Desk) -> None:
    client = desk("head")
    address = audited(client)
    assert erase_audits(AT + timedelta(days=39)) == 0
    assert erase_audits(AT + timedelta(days=41)) >= 1
    assert "已于 30 天后清除" in client.get(address).content.decode()
    run = AuditRun.objects.using("gate").latest("pk")
    assert client.get(f"/exports/new/audit_findings?of={run.pk}").status_code == 404


def test_another_lenders_compliance_head_sees_no_run_of_this_one(book: Book, desk: Desk) -> None:
    client = desk("head")
    address = audited(client)
    run = AuditRun.objects.using("gate").latest("pk")
    AuditRun.objects.using("gate").filter(pk=run.pk).update(lender_id=book.other_lender)
    for page in (address, *(f"/exports/new/{kind}?of={run.pk}" for kind in ("audit_findings", "audit_paper"))):
        assert client.get(page).status_code == 404
        assert desk("super").get(page).status_code == 404


def test_a_collector_sees_neither_the_page_nor_a_run(book: Book, desk: Desk) -> None:
    assert desk("alice").get("/audits").status_code == 403
    address = audited(desk("head"))
    assert desk("alice").get(address).status_code == 403
