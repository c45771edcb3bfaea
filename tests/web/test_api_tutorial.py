"""The tutorial of docs/api.md, run as it is written: its files, its commands, its names, its answers."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from apiwork import client_of, wsgi
from web.book import AT, Book
from zhizhi.core.evidence.proof_document import check_proof_document
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.store.imports.uploads import uploads_folder
from zhizhi.store.transact.sequencer import sequence_all

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"```(sh|csv|toml|json)\n(.*?)```|^→ `(\w+)` = `([\w.]+)`$", re.S | re.M)
OF_THE_BOOK = {"imported", "decision", "permit", "document"}  # what the page shows an example of
ADDRESS = "http://127.0.0.1:8000/api/v1"


class Reader:
    """Somebody who follows the page: files as they stand, names as they come, commands as curl would send them."""

    def __init__(self, folder: Path, names: dict[str, str]) -> None:
        self.folder, self.names = folder, names
        self.answers: list[dict[str, Any]] = []
        self.ran = 0

    def run(self, line: str) -> None:
        """One `curl` of the page; it is answered as asked."""
        words = shlex.split(re.sub(r"\$(\w+)", lambda found: self.names[found[1]], line))
        assert words[:2] == ["curl", "-s"], line
        headers, fields, body = {}, {}, None
        for option, value in zip(words[3::2], words[4::2], strict=True):
            match option:
                case "-H":
                    name, _, said = value.partition(": ")
                    headers[name] = said
                case "-d":
                    body = value
                case "-F":
                    name, _, said = value.partition("=")
                    fields[name] = self._part(said)
                case _:
                    raise AssertionError(option)
        self.answers.append(self._ask(words[2].removeprefix(f"{ADDRESS}/"), headers, body, fields))
        self.ran += 1

    def _part(self, said: str) -> Any:
        if said[0] == "@":
            return (self.folder / said[1:]).open("rb")
        return (self.folder / said[1:]).read_text("utf-8") if said[0] == "<" else said

    def _ask(self, path: str, headers: dict[str, str], body: str | None, fields: dict[str, Any]) -> dict[str, Any]:
        sent: str | bytes = encode_multipart(BOUNDARY, fields) if fields else body or ""
        kind = MULTIPART_CONTENT if fields else "application/json"
        found = wsgi("POST" if fields or body else "GET", path, sent, headers, kind)
        for one in fields.values():
            if not isinstance(one, str):
                one.close()
        assert found.status_code == 200, (path, found.content.decode())
        answer: dict[str, Any] = json.loads(found.content)
        return answer


@pytest.fixture(scope="module")
def names(book: Book) -> Iterator[dict[str, str]]:
    """What the page is told beforehand, and a clock for its day."""
    given = re.search(r"^zhizhi token create core --lender L1 (.*)$", PAGE.read_text("utf-8"), re.M)
    assert given is not None
    scopes = tuple(given[1].replace("--scope", "").split())
    rows = client_of("L1", AT, scopes=("import.rows",))
    own = client_of("L1", AT, scopes=scopes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "API_AT_ONCE", 1000)
        yield {
            "API": ADDRESS,
            "AUTH": f"Authorization: Bearer {own.secret}",
            "AUTH_ROWS": f"Authorization: Bearer {rows.secret}",
        }


def test_every_command_of_the_tutorial_is_answered_as_it_says(names: dict[str, str], tmp_path: Path) -> None:
    reader = Reader(tmp_path, names)
    for kind, text, name, place in BLOCK.findall(PAGE.read_text("utf-8")):
        match kind:
            case "csv":
                (tmp_path / "accounts.csv").write_text(text, "utf-8")
                header, *rows = text.splitlines()
                (tmp_path / "mended.csv").write_text(f"{header}\n{rows[1].replace('很多', '90000')}\n", "utf-8")
            case "toml":
                (tmp_path / "map.toml").write_text(text, "utf-8")
            case "sh":
                for line in text.strip().splitlines():
                    reader.run(line)
                while work_waiting_import(uploads_folder(), AT):
                    pass
            case "json":
                shown, found = json.loads(text), reader.answers[-1]
                assert set(shown) <= set(found), text
                assert {k: v for k, v in shown.items() if k not in OF_THE_BOOK} == {
                    k: found[k] for k in shown.keys() - OF_THE_BOOK
                }
            case _:
                found = reader.answers[-1]
                for part in place.split("."):
                    found = found[int(part) if part.isdigit() else part]
                names[name] = found
    assert reader.ran == PAGE.read_text("utf-8").count("\ncurl ")
    assert reader.answers[-1]["rows"]


def test_the_proofs_of_its_bundle_hold(names: dict[str, str], tmp_path: Path) -> None:
    sequence_all(AT)
    reader = Reader(tmp_path, names)
    reader.run(f'curl -s "$API/cases/{names["CASE"]}/evidence/bundle" -H "$AUTH"')
    bundle = reader.answers[-1]
    assert bundle["checkpoint"]["note"]
    proven = [row for row in bundle["rows"] if row["proof"]]
    assert len(proven) == len(bundle["rows"]) > 3
    for row in proven:
        check_proof_document(json.dumps(row["proof"]).encode())
    assert any(row["opened"] for row in proven)
