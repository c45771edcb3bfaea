"""A client generated from the document walks a first integration: what the document says is enough to write one."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from apiwork import client_of
from web.book import AT, Book
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.store.imports.uploads import uploads_folder
from zhizhi.web.api.application import application
from zhizhi.web.api.document import document

NAME = "zhizhi_generated"
MAP = """[file]
kind = "accounts"
lender = "L1"
as_of = "2026-03-02"
[columns]
account = "account"
customer = "customer"
name = "name"
mobile = "mobile"
product = "product"
principal = "principal"
oldest_unpaid_due_on = "due"
state = { constant = "overdue" }
"""
ROWS = (
    "account,customer,name,mobile,product,principal,due\nA-1,K-1,测试甲,10900009001,instalment_loan,120000,2026-01-20\n"
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The package, generated into a folder that is gone afterwards."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(document()), "utf-8")
    (folder / "config.yml").write_text("post_hooks: []\n", "utf-8")
    words = ["generate", "--path", "openapi.json", "--config", "config.yml", "--meta", "none", "--output-path", NAME]
    done = subprocess.run(
        [Path(sys.executable).with_name("openapi-python-client"), *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield NAME
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def module(name: str) -> ModuleType:
    """A module of the generated package."""
    return importlib.import_module(f"{NAME}.{name}")


def called(group: str, operation: str, client: Any, *named: str, **sent: Any) -> Any:
    """The parsed answer of an operation, which the document promised."""
    answer = module(f"api.{group}.{operation}").sync(*named, client=client, **sent)
    problem = module("models").Problem
    assert answer is not None
    assert not isinstance(answer, problem), answer
    return answer


def test_a_generated_client_walks_a_first_integration(book: Book, generated: str) -> None:
    models = module("models")
    transport = httpx.WSGITransport(app=application)  # type: ignore[arg-type]  # it takes no `exc_info`
    system = module("client").AuthenticatedClient(
        base_url="http://testserver/api/v1", token=client_of("L1", AT).secret, httpx_args={"transport": transport}
    )
    file = module("types").File(payload=BytesIO(ROWS.encode()), file_name="accounts.csv", mime_type="text/csv")
    form = models.BringFileBody(file=file, map_=MAP)
    imported = called("imports", "bring_file", system, body=form, idempotency_key="c-1")
    assert work_waiting_import(uploads_folder(), AT)
    state = called("imports", "get_import", system, imported.imported)
    assert (state.state, state.new, state.refused) == ("finished", 1, 0)

    listed = called("cases", "list_cases", system, limit=2)
    assert len(listed.rows) == 2
    rest = called("cases", "list_cases", system, limit=2, cursor=listed.cursor)
    assert rest.rows[0].case not in {row.case for row in listed.rows}
    case = book.cases["wang"]
    debtor = called("cases", "get_parties", system, case).parties[0]
    point = next(one for one in debtor.points if one.kind == "mobile")

    wish = {
        "channel": "voice",
        "party": debtor.party,
        "point": point.point,
        "template": "call-plan",
        "collector": "alice",
    }
    asked = called("the_law", "decide_contact", system, case, body=models.WishedDry.from_dict(wish))
    assert asked.verdict == "permit"
    body = models.Proposed.from_dict(wish)
    proposed = called("contacts", "propose_contact", system, case, body=body, idempotency_key="c-2")
    again = called("contacts", "propose_contact", system, case, body=body, idempotency_key="c-2")
    assert proposed.permit == again.permit
    starting = models.Starting(collector="alice")
    called("contacts", "begin_call", system, case, proposed.permit, body=starting, idempotency_key="c-3")
    outcome = models.Outcome.from_dict({"collector": "alice", "outcome": "no_answer", "ring_seconds": 30})
    called("contacts", "tell_outcome", system, case, proposed.permit, body=outcome, idempotency_key="c-4")
    assert called("cases", "list_contacts", system, case, limit=1).rows[0].outcome == "no_answer"

    complaint = models.NewComplaint(by=debtor.party)
    kept = called("records", "open_complaint", system, case, body=complaint, idempotency_key="c-5")
    assert kept.stop == "complaint"
    bundle = called("evidence", "get_bundle", system, case)
    assert {"permit", "contact", "complaint"} <= {row.kind for row in bundle.rows}


def test_and_meets_a_problem_as_a_type(book: Book, generated: str) -> None:
    transport = httpx.WSGITransport(app=application)  # type: ignore[arg-type]  # it takes no `exc_info`
    system = module("client").AuthenticatedClient(
        base_url="http://testserver/api/v1", token="zhizhi_nobody", httpx_args={"transport": transport}
    )
    answer = module("api.cases.get_case").sync("C-0000-00000000", client=system)
    assert isinstance(answer, module("models").Problem)
    assert (answer.status, answer.type_) == (401, "urn:zhizhi:problem:no_token")
