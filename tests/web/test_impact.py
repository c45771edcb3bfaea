"""The page that weighs a change of rules: who may ask, what a mistake says, what comes out."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client

from web.book import AT, Book
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.models import ImpactRun
from zhizhi.store.packs import release_contents

Desk = Callable[[str], Client]
SPAN = {"since": "2026-02-01", "until": "2026-03-31"}
NUMBER = {"parameter": "cn.gbt45251/valid_calls_per_day", "value": "1", **SPAN}


def weighed(client: Client) -> str:
    """Ask for one changed number, let the job work, answer the page."""
    keep_releases(AT)
    answer = client.post("/impact", NUMBER)
    assert answer.status_code == 302
    assert "已排队" in client.get(answer["Location"]).content.decode()
    assert work_waiting_impact(AT)
    return client.get(answer["Location"]).content.decode()


def test_the_compliance_head_sees_what_one_number_would_have_done(book: Book, desk: Desk) -> None:
    shown = weighed(desk("head"))
    assert "新拒绝" in shown
    assert "重判" in shown
    run = ImpactRun.objects.using("gate").latest("pk")
    assert run.state == "finished"
    assert f"<dd>{run.summary['asked']}</dd>" in shown


def test_the_span_of_the_last_month_is_filled_in_whatever_the_language(book: Book, desk: Desk) -> None:
    assert 'value="2026-02-01"' in desk("head").get("/impact").content.decode()


def test_a_whole_pack_may_be_brought_as_a_zip(book: Book, desk: Desk) -> None:
    _, files = next((pack, files) for pack, files in release_contents() if pack.id == "cn.cba2026")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as opened:
        for name, content in files.items():
            opened.writestr(f"cba2026/{name}", content)
    held.seek(0)
    held.name = "cba2026.zip"
    answer = desk("head").post("/impact", {"zipped": held, **SPAN})
    assert answer.status_code == 302
    assert work_waiting_impact(AT)
    summary = ImpactRun.objects.using("gate").latest("pk").summary
    assert summary["shifts"]["newly_refused"] == summary["shifts"]["newly_permitted"] == 0  # the very pack of today


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (SPAN, "请选择一个数值，或上传规则包"),
        ({**SPAN, "parameter": "cn.gbt45251/valid_calls_per_day"}, "请填写试算值"),
        ({**NUMBER, "since": "2026-04-01"}, "日期须由先到后"),
        ({**NUMBER, "value": "-1"}, "大于或等于0"),
        ({**SPAN, "zipped": io.BytesIO(b"no zip")}, "不是可读的 zip 文件"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_opened(
    book: Book, desk: Desk, sent: dict[str, object], said: str
) -> None:
    before = ImpactRun.objects.using("gate").count()
    answer = desk("head").post("/impact", sent)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert ImpactRun.objects.using("gate").count() == before


def test_a_collector_sees_neither_the_page_nor_a_run(book: Book, desk: Desk) -> None:
    assert desk("alice").get("/impact").status_code == 403
    assert desk("alice").get("/impact/1").status_code == 403
    assert desk("head").get("/impact/999999").status_code == 404
