"""Taking a file: alone where it is small, else by a second person; marked, counted, told; and for the regulator."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from django.test import Client

from apiwork import client_of
from gatework import rows
from web.book import AT, Book
from zhizhi.core.evidence.bundle_archive import read_archive
from zhizhi.core.evidence.bundle_check import check_bundle
from zhizhi.core.kernel.sheets import ENCODING, EXPORT_COLUMN, sheet_cells
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import TableOptions
from zhizhi.ops.export import export as export_command
from zhizhi.store.evidence.signer import log_signer
from zhizhi.store.exports.taking import mark_of
from zhizhi.store.imports.rows import Refusal, keep_refused
from zhizhi.store.models import Export, ImportedFile, Unmasking
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
GROUND = "补正后重新导入"


@pytest.fixture(autouse=True)
def a_new_day() -> None:
    """Each test works on a day of its own, so that limits of one do not hold another back."""
    days = Export.objects.using("gate").count() + 1
    clock.install(lambda: AT + timedelta(days=3 * days))


def refused_file(book: Book, count: int, kind: str = "payments") -> int:
    """An import with refused rows."""
    file = ImportedFile.objects.using("gate").create(
        lender_id=book.lender, kind=kind, name="还款.csv", digest="d", map_digest="m",
        state="finished", header=["客户号", "金额"], refused=count, rows_total=count, started_at=AT,
        finished_at=AT + timedelta(minutes=1),
    )  # fmt: skip
    refusals = [
        Refusal(n, "金额", "bad_amount", Text("金额不是数字", "no amount"), [f"K{n}", f"=一百{n}"])
        for n in range(2, count + 2)
    ]
    keep_refused(file.pk, refusals, AT)
    return int(file.pk)


def asked_for(client: Client, kind: str, of: object, recipient: str = "陈主管", ground: str = GROUND) -> Any:
    """The form, sent."""
    return client.post(f"/exports/new/{kind}", {"of": str(of), "recipient": recipient, "ground": ground})


def approve(client: Client, approval_id: int) -> Any:
    """The second person's word, as the screen sends it."""
    page = client.get(f"/approvals/requests/{approval_id}").content.decode()
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest is not None, page
    said = {"ruling": "approve", "digest": digest[1], "remark": ""}
    return client.post(f"/approvals/requests/{approval_id}", said)


def newest_request() -> int:
    """The id of the request that was kept last."""
    return int(rows("SELECT coalesce(max(id), 0) FROM approval WHERE act = 'export'")[0][0])


def test_a_small_file_comes_at_once_marked_in_every_row_and_can_be_sent_again(
    book: Book, desk: Desk, tmp_path: Path
) -> None:
    file = refused_file(book, 3)
    shown = desk("super").get(f"/exports/new/refused_rows?of={file}").content.decode()
    assert "可直接导出" in shown
    answer = asked_for(desk("super"), "refused_rows", file)
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    heading, *lines = sheet_cells(answer.content.decode(ENCODING))
    (row,) = Export.objects.using("gate").order_by("-id")[:1]
    assert heading[-1] == EXPORT_COLUMN
    assert all(mark_of(row.pk) in line[-1] and "super" in line[-1] and "陈主管" in line[-1] for line in lines)
    assert (row.rows, row.units, row.data_class, row.approval_id) == (3, 30, "life", None)
    kept = tmp_path / "refused.csv"
    kept.write_bytes(answer.content)
    with open_table(kept, TableOptions()) as table:
        found = [dict(zip(table.columns, one, strict=True)) for chunk in table.chunks() for one in chunk.rows]
    assert [(one["客户号"], one["金额"]) for one in found] == [(f"K{n}", f"=一百{n}") for n in range(2, 5)]


def test_more_takes_a_second_person_and_is_taken_once(book: Book, desk: Desk) -> None:
    file = refused_file(book, 12)
    supervisor = desk("super")
    assert "须由第二人批准" in supervisor.get(f"/exports/new/refused_rows?of={file}").content.decode()
    before = Export.objects.using("gate").count()
    assert asked_for(supervisor, "refused_rows", file).status_code == 302
    asked = newest_request()
    assert supervisor.post(f"/exports/{asked}/take").status_code == 400, "nobody approved it yet"
    assert Export.objects.using("gate").count() == before
    told = desk("head").get(f"/approvals/requests/{asked}").content.decode()
    assert "12 条" in told
    assert "陈主管" in told
    assert approve(desk("head"), asked).status_code == 302
    assert "取文件" in supervisor.get("/exports").content.decode()
    assert desk("head").post(f"/exports/{asked}/take").status_code == 400, "who approved does not take it"
    taken = supervisor.post(f"/exports/{asked}/take")
    assert (taken.status_code, len(list(sheet_cells(taken.content.decode(ENCODING))))) == (200, 13)
    assert supervisor.post(f"/exports/{asked}/take").status_code == 400, "once"
    page = supervisor.get("/exports").content.decode()
    assert mark_of(Export.objects.using("gate").latest("id").pk).partition("-")[0] in page
    assert "孙负责人" in page


def test_what_changed_since_is_not_what_was_approved(book: Book, desk: Desk) -> None:
    file = refused_file(book, 12)
    asked_for(desk("super"), "refused_rows", file)
    asked = newest_request()
    approve(desk("head"), asked)
    keep_refused(file, [Refusal(99, "金额", "bad_amount", Text("金额不是数字", "no amount"), ["K99", "x"])], AT)
    refused = desk("super").post(f"/exports/{asked}/take")
    assert (refused.status_code, "所批内容与申请不一致" in refused.content.decode()) == (400, True)


def test_beyond_the_limit_of_a_day_nothing_is_asked_for(book: Book, desk: Desk) -> None:
    file = refused_file(book, 51)
    answer = desk("super").get(f"/exports/new/refused_rows?of={file}")
    assert (answer.status_code, "需 510 份额" in answer.content.decode()) == (400, True)
    asked = newest_request()
    assert asked_for(desk("super"), "refused_rows", file).status_code == 400
    assert newest_request() == asked
    reasons = desk("super").get(f"/imports/{file}/reasons.csv").content.decode(ENCODING)
    assert len(reasons.splitlines()) == 52
    assert "K2" not in reasons, "row and reason, nothing of the row"


def test_a_ground_is_words_without_numbers_and_what_is_not_ones_own_is_not_there(book: Book, desk: Desk) -> None:
    file = refused_file(book, 1)
    for recipient, ground in (
        ("", GROUND),
        ("陈主管", "补"),
        ("陈主管", "客户 13800001111 要的"),
        ("13800001111", GROUND),
    ):
        assert asked_for(desk("super"), "refused_rows", file, recipient, ground).status_code == 400
    for client, kind, of in (
        ("alice", "refused_rows", file),
        ("admin", "refused_rows", file),
    ):
        assert desk(client).get(f"/exports/new/{kind}?of={of}").status_code == 403
    for kind, target in (("refused_rows", str(10**9)), ("refused_rows", "x"), ("nothing", "1"),
                     ("api_refused_rows", str(file)),
                     ("settlement_proof", "1.1"), ("settlement_proof", "1"), ("audit_findings", "7"), ("views", "{}"),
                     ("views", "[]"), ("views", '{"from":1,"until":2}')):  # fmt: skip
        assert desk("group").get(f"/exports/new/{kind}?of={quote(target)}").status_code == 404, (kind, target)
    assert desk("auditor").get(f"/exports/new/refused_rows?of={file}").status_code == 404, "no right to these rows"


def test_the_page_shows_what_is_left_and_what_left_of_the_own_lender(book: Book, desk: Desk) -> None:
    file = refused_file(book, 4)
    asked_for(desk("super"), "refused_rows", file)
    page = desk("super").get("/exports").content.decode()
    assert re.search(r'data-label="还可导出">46<', page), "of 50 a day"
    assert re.search(r'data-label="其中无须第二人">6<', page), "of 10 alone"
    assert GROUND in desk("head").get("/exports").content.decode()
    assert desk("stranger").get("/exports").status_code == 403


def seen_and_unmasked(book: Book, desk: Desk) -> None:
    """A view and a clear value of one person, on the day of the test, numbered and signed."""
    desk("super").get(f"/cases/{book.cases['wang']}")
    case, party = rows(
        "SELECT c.id, p.id FROM collection_case c JOIN party p ON p.person_id = c.person_id"
        " WHERE c.person_id = %s AND p.role = 'debtor'", book.persons["wang"],
    )[0]  # fmt: skip
    client = desk("super")
    target = rows("SELECT id FROM party WHERE person_id = %s ORDER BY id LIMIT 1", book.persons["wang"])[0][0]
    answered = client.post(f"/cases/{book.cases['wang']}/clear/name/{target}", {"ground": "verify"})
    assert answered.status_code == 200, (case, party)
    sequence_all(clock.now())


def day_of(instant: object) -> str:
    """The civil day."""
    return f"{instant:%Y-%m-%d}"


def test_the_page_of_views_tells_pages_clear_values_and_files_with_sums(book: Book, desk: Desk) -> None:
    seen_and_unmasked(book, desk)
    day = day_of(clock.now())
    page = desk("auditor").get(f"/views?case={book.cases['wang']}&first={day}&last={day}").content.decode()
    assert "打开客户页面" in page
    assert re.search(r"<dt>查看明文</dt><dd>[1-9]", page)
    only = desk("auditor").get(f"/views?case={book.cases['wang']}&way=clear").content.decode()
    assert '<td data-label="方式"><span>打开客户页面' not in only
    assert '<td data-label="方式"><span>查看明文' in only
    grounded = desk("auditor").get("/views?ground=clear:verify").content.decode()
    assert '<td data-label="方式"><span>查看明文' in grounded
    assert Unmasking.objects.using("gate").exists()


def test_the_regulators_bundle_is_approved_made_and_verified_without_this_system(
    book: Book, desk: Desk, tmp_path: Path
) -> None:
    seen_and_unmasked(book, desk)
    now = clock.now()
    clock.install(lambda: now + timedelta(minutes=5))
    day = day_of(now)
    auditor = desk("auditor")
    page = auditor.get(f"/views?case={book.cases['wang']}&first={day}&last={day}").content.decode()
    link = re.search(r'href="(/exports/new/views\?of=[^"]+)"', page)
    assert link is not None
    shown = auditor.get(link[1].replace("&amp;", "&"))
    assert "须由第二人批准" in shown.content.decode()
    of = re.search(r'name="of" value="([^"]+)"', shown.content.decode())
    assert of is not None
    target = of[1].replace("&quot;", '"')
    assert asked_for(auditor, "views", target, "国家金融监督管理总局某监管局", "现场检查要求").status_code == 302
    asked = newest_request()
    assert auditor.post(f"/approvals/requests/{asked}", {"ruling": "approve"}).status_code in (400, 403)
    assert approve(desk("head"), asked).status_code == 302
    taken = auditor.post(f"/exports/{asked}/take")
    assert (taken.status_code, taken["Content-Type"]) == (200, "application/zip")
    report = check_bundle(taken.content, [log_signer().verifier])
    assert report.to_document()["faults"] == []
    files = dict(read_archive(taken.content))
    told = json.loads(files["documents/views.json"])["rows"]
    assert {row["shown"]["how"] for row in told} == {"view", "clear"}
    assert report.leaves == report.rows == len(told) >= 2
    whole = b"".join(files.values()).decode()
    assert "王小伟" not in whole
    assert "王**" not in whole
    assert "国家金融监督管理总局某监管局" in files["README.txt"].decode(ENCODING)
    kept = tmp_path / "bundle.zip"
    kept.write_bytes(taken.content)
    named = json.loads(CliRunner().invoke(export_command, ["identify", str(kept)]).stdout)
    assert named["exports"][0]["by_file"] is True


def test_what_is_not_signed_yet_does_not_go_to_a_regulator(book: Book, desk: Desk) -> None:
    seen_and_unmasked(book, desk)
    desk("head").get(f"/cases/{book.cases['bobs']}")
    auditor, now = desk("auditor"), clock.now()
    span = {"from": (now - timedelta(hours=1)).isoformat(), "until": now.isoformat()}
    later = json.dumps({**span, "until": (now + timedelta(hours=1)).isoformat()})
    assert auditor.get(f"/exports/new/views?of={quote(later)}").status_code == 404, "nothing of tomorrow"
    clock.install(lambda: now + timedelta(minutes=1))
    target = json.dumps({**span, "until": (now + timedelta(seconds=30)).isoformat()})
    assert asked_for(auditor, "views", target, "某监管局", "现场检查要求").status_code == 302
    asked = newest_request()
    approve(desk("head"), asked)
    refused = auditor.post(f"/exports/{asked}/take")
    assert (refused.status_code, "尚未签入存证锚点" in refused.content.decode()) == (400, True)
    sequence_all(clock.now())
    assert auditor.post(f"/exports/{asked}/take").status_code == 200, "the approval was not used up by the try"


def test_a_system_is_counted_and_takes_no_more_than_one_person_alone(book: Book) -> None:
    system, file = client_of("L1", clock.now(), scopes=("import", "import.rows")), refused_file(book, 12)
    bare = system.get(f"imports/{file}/refused").document
    assert [row["cells"] for row in bare["rows"]] == [None] * 12
    assert bare["export"] is None
    over = system.get(f"imports/{file}/refused?cells=with")
    assert (over.status, over.code) == (409, "second_person")
    taken = system.get(f"imports/{file}/refused?cells=with&limit=10").document
    assert taken["rows"][0]["cells"] == ["K2", "=一百2"]
    row = Export.objects.using("gate").latest("id")
    assert taken["export"].startswith(f"导出 export {mark_of(row.pk)}")
    assert (row.rows, row.role, row.recipient) == (10, "service_account", row.staff.login)
    assert system.get(f"imports/{file}/refused?cells=with&limit=1").status == 409
    assert system.get(f"imports/{file}/refused?cells=maybe").status == 422


def test_a_file_and_rows_copied_from_it_are_identified(book: Book, desk: Desk, tmp_path: Path) -> None:
    answer = asked_for(desk("super"), "refused_rows", refused_file(book, 5))
    whole, copied, bare = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    whole.write_bytes(answer.content)
    heading, *lines = sheet_cells(answer.content.decode(ENCODING))
    copied.write_text("\n".join(",".join(line) for line in (heading, lines[2])), encoding="utf-8")
    bare.write_text("\n".join(",".join(line[1:3]) for line in (heading, *lines)), encoding="utf-8")
    latest = Export.objects.using("gate").latest("id").pk
    found = {}
    for file in (whole, copied, bare):
        told = CliRunner().invoke(export_command, ["identify", str(file)])
        assert told.exit_code == 0, told.output
        (found[file.name],) = [one for one in json.loads(told.stdout)["exports"] if one["number"] == f"E{latest:08d}"]
    assert (found["a.csv"]["by_file"], found["a.csv"]["by_mark"]) == (True, True)
    assert (found["b.csv"]["by_file"], found["b.csv"]["by_mark"]) == (False, True)
    assert (found["c.csv"]["by_mark"], found["c.csv"]["rows_found"], found["c.csv"]["rows_in_file"]) == (False, 5, 5)
    bare.write_text("a,b\n1,2\n", encoding="utf-8")
    unknown = CliRunner().invoke(export_command, ["identify", str(bare)])
    assert (unknown.exit_code, json.loads(unknown.stdout)["exports"]) == (1, [])
